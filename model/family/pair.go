package family

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/loss"
	"atelier/model/nn"
	"atelier/model/train"
)

func init() {
	Families.Add("pair", "two encoders that embed pictures and their captions in one space, by a contrastive loss (CLIP, Radford et al. 2021, arXiv:2103.00020), and words captions by the way (CoCa, Yu et al. 2022, arXiv:2205.01917)",
		func() Family {
			return &Pair{
				Embedding: 64, Temperature: 0.07,
				Pictures:  registry.Choose[arch.EncoderArch]("residual"),
				Texts:     registry.Choose[arch.EncoderArch]("transformer"),
				Decoder:   registry.Choose[arch.LanguageModelArch]("gpt"),
				Optimizer: train.NewAdam(1e-3, 0.9, 0.99, "decay=0.1"),
			}
		})
}

// Scopes of the networks of a pair.
const (
	pictureScope = "picture"
	textScope    = "text"
	captionScope = "caption"
)

// Pair learns which caption belongs to which picture.
type Pair struct {
	Embedding   int                                     `help:"width of the space that pictures and captions are embedded in"`
	Temperature float64                                 `help:"temperature of the contrastive loss at first; it is learned"`
	Captions    float64                                 `help:"weight of the loss of a decoder that writes the caption after the parts of the picture, beside 1 for the contrastive loss; 0 trains none"`
	Pictures    registry.Choice[arch.EncoderArch]       `help:"encoder of pictures"`
	Texts       registry.Choice[arch.EncoderArch]       `help:"encoder of captions"`
	Decoder     registry.Choice[arch.LanguageModelArch] `help:"the network that writes captions, if captions has a weight"`
	Optimizer   registry.Choice[train.Optimizer]        `help:"optimizer"`
}

// Check reports a setting that is out of range.
func (f *Pair) Check() error {
	if err := within("embedding", f.Embedding, mostLatent); err != nil {
		return err
	}
	if !(f.Temperature >= 0.01 && f.Temperature <= 10) {
		return registry.Unfit("temperature", fmt.Sprintf("want 0.01 to 10, got %g", f.Temperature))
	}
	if !(f.Captions >= 0 && f.Captions <= 1000) {
		return registry.Unfit("captions", fmt.Sprintf("want 0 to 1000, got %g", f.Captions))
	}
	return nil
}

// Model implements [Family].
func (f *Pair) Model(spec data.Spec) (Model, error) {
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("pair %w", err)
	}
	caption, ok := spec.Field(data.CaptionField)
	if target := spec.Target(); target.Kind != data.Pixels || !ok || caption.Kind != data.Tokens {
		return nil, fmt.Errorf("a pair learns pictures with captions, but the data is %s", spec)
	}
	m := &pair{Pair: f, spec: spec, caption: caption}
	if len(caption.Shape) == 2 { // several captions of each picture
		m.caption.Shape = caption.Shape[1:]
	}
	var err error
	if m.pictures, err = f.Pictures.Value.Encoder(spec.Target()); err != nil {
		return nil, err
	}
	if m.texts, err = f.Texts.Value.Encoder(m.caption); err != nil || f.Captions == 0 {
		return m, err
	}
	written := m.caption
	written.Name, written.Shape = data.Target, []int{m.caption.Size() + 2} // it reads the beginning and the caption
	decoder, err := f.Decoder.Value.LanguageModel(data.Spec{Fields: []data.Field{written}})
	if err != nil {
		return nil, err
	}
	if m.decoder, ok = decoder.(arch.Prefixed); !ok {
		return nil, registry.Unfit("decoder", fmt.Sprintf("%s does not read pictures; gpt does", f.Decoder.Use))
	}
	return m, nil
}

// pair is a Pair for a data spec.
type pair struct {
	*Pair
	spec            data.Spec
	caption         data.Field // of one caption
	pictures, texts arch.Encoder
	decoder         arch.Prefixed // nil if there is none
}

// Stages implements [Model].
func (m *pair) Stages() []train.Stage {
	return []train.Stage{{Name: "contrastive", Phases: []train.Phase{{
		Name: "pair", Moves: []string{pictureScope, textScope, captionScope}, Optimizer: m.Optimizer.Value,
		Prepare: m.prepare, Loss: m.loss,
	}}}}
}

// prepare chooses one of several captions of each picture, by the run's seed and the step.
func (m *pair) prepare(t train.Turn) error {
	all := t.Batch.Column(data.CaptionField)
	if len(all.Field.Shape) == 1 {
		return nil
	}
	one, size := data.NewColumn(m.caption, t.Batch.N), m.caption.Size()
	for i := range t.Batch.N {
		given := told(all.Tokens(i), size)
		if len(given) > 0 {
			k := given[noise.Stream(t.Seed, captionNoise, uint64(t.Step), uint64(t.Index), uint64(i)).IntN(len(given))]
			copy(one.Tokens(i), all.Tokens(i)[k*size:])
		}
	}
	t.Batch.Set(one)
	return nil
}

// told are the indices of the captions of a picture that are not empty.
func told(tokens []int32, size int) (given []int) {
	for k := 0; k*size < len(tokens); k++ {
		if tokens[k*size] != 0 {
			given = append(given, k)
		}
	}
	return given
}

// loss is the contrastive loss, and that of the captions' tokens.
func (m *pair) loss(in *train.Inputs) *graph.Node {
	x, tokens := in.Column(data.Target), in.Column(data.CaptionField) // [batch, height, width, channels], [batch, time]
	picture, parts := m.embedPictures(in.Store, x)
	text := m.embedTexts(in.Store, tokens)
	scale := m.scale(in.Store, x)
	contrast, products := loss.Contrastive(picture, text, scale, loss.SameText(tokens, x))
	right := graph.Equal(graph.ArgMax(products, 1, dtypes.Int32), graph.Iota(in.Graph, graph.ArgMax(products, 1, dtypes.Int32).Shape(), 0))
	in.Report("accuracy", graph.ReduceAllMean(graph.ConvertDType(right, dtypes.Float32)))
	in.Report("scale", scale)
	if m.decoder == nil {
		return contrast
	}
	written := m.nats(in.Store, parts, tokens)
	in.Report("contrast", contrast)
	in.Report("caption", written)
	return graph.Add(contrast, graph.MulScalar(written, m.Captions))
}

// mostScale is the largest scale of products, as in CLIP.
const mostScale = 100

// scale is what products of embeddings are multiplied by: [].
func (m *pair) scale(s *model.Store, x *graph.Node) *graph.Node {
	v := nn.Filled(s.Scope(textScope), "scale", math.Log(1/m.Temperature), x.DType())
	return graph.Exp(graph.MinScalar(v.NodeValue(x), math.Log(mostScale)))
}

// embedPictures maps pictures to unit vectors [batch, embedding] and to features of their parts.
func (m *pair) embedPictures(s *model.Store, x *graph.Node) (unit, parts *graph.Node) {
	whole, parts := m.pictures(s.Scope(pictureScope).In("encoder"), x)
	return m.project(s.Scope(pictureScope), whole), parts
}

// embedTexts maps captions [batch, time] to unit vectors [batch, embedding].
func (m *pair) embedTexts(s *model.Store, tokens *graph.Node) *graph.Node {
	whole, _ := m.texts(s.Scope(textScope).In("encoder"), tokens)
	return m.project(s.Scope(textScope), whole)
}

// leastSquare keeps the length of a vector from 0.
const leastSquare = 1e-12

// project maps features to unit vectors [batch, embedding].
func (m *pair) project(s *model.Scope, features *graph.Node) *graph.Node {
	y := nn.Linear(s.In("out"), features, m.Embedding, nn.Fan(features.Shape().Dimensions[1]))
	square := graph.ReduceAndKeep(graph.Square(y), graph.ReduceSum, 1) // [batch, 1]
	return graph.Mul(y, graph.Reciprocal(graph.Sqrt(graph.AddScalar(square, leastSquare))))
}

// nats is the mean cross-entropy of the tokens of captions [batch, time] and of the padding that
// ends each, in nats: [].
func (m *pair) nats(s *model.Store, parts, tokens *graph.Node) *graph.Node {
	begin := graph.ZerosLike(graph.Slice(tokens, graph.AxisRange(), graph.AxisRange(0, 1))) // [batch, 1]
	read := graph.Concatenate([]*graph.Node{begin, tokens}, 1)                              // [batch, time+1]
	ended := graph.Concatenate([]*graph.Node{tokens, begin}, 1)                             // [batch, time+1]
	each := crossEntropy(m.decoder.After(s.Scope(captionScope), parts, read), ended)        // [batch, time+1]
	counts := graph.ConvertDType(graph.GreaterThan(tokens, graph.ZerosLike(tokens)), each.DType())
	counts = graph.Concatenate([]*graph.Node{graph.OnesLike(graph.ConvertDType(begin, each.DType())), counts}, 1) // [batch, time+1]
	return graph.Div(graph.ReduceAllSum(graph.Mul(each, counts)), graph.ReduceAllSum(counts))
}
