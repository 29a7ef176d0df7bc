package arch

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/nn"
)

// Encoders is the registry of encoders, of pictures and of texts.
var Encoders = registry.New[EncoderArch]("encoder")

// An EncoderArch builds encoders of works of one field. Its exported fields are its settings.
type EncoderArch interface {
	// Encoder returns an error that says what it encodes if works of the field are others.
	Encoder(data.Field) (Encoder, error)
}

// An Encoder maps works x [batch, shape of the field...] to the features of each as a whole
// [batch, width] and of its parts, such as patches or tokens, [batch, parts, width].
type Encoder func(s *model.Scope, x *graph.Node) (whole, parts *graph.Node)

func init() {
	Encoders.Add("residual", "pictures: three residual blocks with batch norm, each at half the size of the one before (He et al. 2015, arXiv:1512.03385)",
		func() EncoderArch { return &ResidualEncoder{Width: 24, Side: 20} })
}

// ResidualEncoder encodes pictures of 8×8 pixels and more as a [ResidualNet] does, by features of
// four times its width.
type ResidualEncoder struct {
	Width int `help:"channels of the first block; the next two have twice and four times as many"`
	Side  int `help:"largest shorter side of the pictures that the blocks begin with: larger ones are halved first"`
}

// Check reports a setting that is out of range.
func (a *ResidualEncoder) Check() error {
	return within(limit{"width", a.Width, 1 << 12}, limit{"side", a.Side, 1 << 12})
}

// Encoder implements [EncoderArch].
func (a *ResidualEncoder) Encoder(f data.Field) (Encoder, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("residual: %w", err)
	}
	if f.Kind != data.Pixels || len(f.Shape) != 3 || min(f.Shape[0], f.Shape[1]) < leastSide {
		return nil, fmt.Errorf("residual encodes pictures of %d×%d pixels and more, but the %s", leastSide, leastSide, f)
	}
	return func(s *model.Scope, x *graph.Node) (whole, parts *graph.Node) {
		x = residualBlocks(s, x, a.Width, a.Side) // [batch, height, width, 4·channels]
		d := x.Shape().Dimensions
		return graph.ReduceMean(x, 1, 2), graph.Reshape(x, d[0], d[1]*d[2], d[3])
	}, nil
}

func init() {
	Encoders.Add("transformer", "texts: a transformer that sees all tokens of a text, with pre-layer norm (Vaswani et al. 2017, arXiv:1706.03762)",
		func() EncoderArch { return &TextEncoder{Layers: 2, Heads: 2, Width: 64} })
}

// TextEncoder encodes texts of tokens. Token 0 is padding, which no other token sees; the features
// of a text are the mean of those of its tokens.
type TextEncoder struct {
	Layers int `help:"number of transformer blocks"`
	Heads  int `help:"number of attention heads; each gets an equal part of the width"`
	Width  int `help:"embedding width, a multiple of the number of heads"`
}

// gpt is the network that the blocks are taken from.
func (a *TextEncoder) gpt() *GPT {
	g := registry.Choose[LanguageModelArch]("gpt").Value.(*GPT)
	g.Layers, g.Heads, g.Width = a.Layers, a.Heads, a.Width
	return g
}

// Check reports a setting that is out of range.
func (a *TextEncoder) Check() error { return a.gpt().Check() }

// Encoder implements [EncoderArch].
func (a *TextEncoder) Encoder(f data.Field) (Encoder, error) {
	if err := a.Check(); err != nil {
		return nil, fmt.Errorf("transformer: %w", err)
	}
	if f.Kind != data.Tokens || len(f.Shape) != 1 {
		return nil, fmt.Errorf("transformer encodes texts, but the %s", f)
	}
	m := &gpt{GPT: a.gpt(), vocabulary: f.Vocabulary, context: f.Size(), dtype: dtypes.Float32}
	return m.encode, nil
}

// encode maps tokens [batch, time], 0 being padding, to the mean features of the others
// [batch, width] and to those of all [batch, time, width].
func (m *gpt) encode(s *model.Scope, tokens *graph.Node) (whole, parts *graph.Node) {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	x, _ := m.embed(s, tokens)                                                                // [batch·time, width]
	seen := graph.ConvertDType(graph.GreaterThan(tokens, graph.ZerosLike(tokens)), x.DType()) // [batch, time]
	mask := graph.MulScalar(graph.OneMinus(graph.InsertAxes(seen, 1, 1)), unseen)             // [batch, 1, 1, time]
	for i := range m.Layers {
		x = m.layer(s.In("layer_%d", i), x, mask, batch, nil)
	}
	parts = graph.Reshape(nn.LayerNorm(s.In("norm"), x), batch, time, m.Width)
	count := graph.MaxScalar(graph.ReduceAndKeep(seen, graph.ReduceSum, 1), 1) // [batch, 1]
	total := graph.ReduceSum(graph.Mul(parts, graph.InsertAxes(seen, -1)), 1)  // [batch, width]
	return graph.Div(total, count), parts
}
