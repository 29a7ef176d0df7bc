package family

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/nn"
	"atelier/model/train"
)

func init() {
	Families.Add("vae", "an encoder and a decoder of pictures, learned by a bound on the likelihood (Kingma and Welling 2013, arXiv:1312.6114)",
		func() Family {
			encoder := registry.Choose[arch.DiscriminatorArch]("resnet")
			encoder.Value.(*arch.ResNetDiscriminator).Hidden = []int{128}
			return &VAE{
				Latent:    64,
				Beta:      1,
				Warmup:    1000,
				Average:   0.999,
				Encoder:   encoder,
				Decoder:   registry.Choose[arch.GeneratorArch]("resnet"),
				Optimizer: train.Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8},
			}
		})
}

// VAE learns to encode pictures as latents that are nearly standard normal, and to
// decode them.
type VAE struct {
	Latent      int                                     `help:"width of the latent"`
	Conditional bool                                    `help:"learn and draw by class"`
	Beta        float64                                 `help:"weight of the divergence of the latents from normal ones: 1 is the bound on the likelihood, more makes samples more typical and pictures less like what they were encoded from (Higgins et al. 2017, beta-VAE)"`
	Warmup      int                                     `help:"steps over which that weight grows from nothing (Bowman et al. 2015, arXiv:1511.06349)"`
	Average     float64                                 `help:"decay of the moving average of the weights, which is what is drawn from; 0 keeps none"`
	Encoder     registry.Choice[arch.DiscriminatorArch] `help:"the network whose features the latents follow from"`
	Decoder     registry.Choice[arch.GeneratorArch]     `help:"the network that draws"`
	Optimizer   train.Adam                              `help:"what moves both"`
}

// Check reports a setting that is out of range.
func (f *VAE) Check() error {
	switch {
	case f.Latent < 1 || f.Latent > mostLatent:
		return within("latent", f.Latent, mostLatent)
	case !(f.Beta >= 0):
		return registry.Unfit("beta", fmt.Sprintf("want at least 0, got %g", f.Beta))
	case f.Warmup < 0:
		return registry.Unfit("warmup", fmt.Sprintf("want at least 0, got %d", f.Warmup))
	case !(f.Average >= 0 && f.Average < 1):
		return registry.Unfit("average", fmt.Sprintf("want at least 0 and below 1, got %g", f.Average))
	}
	return nil
}

// ByClass reports whether samples can be asked for by class.
func (f *VAE) ByClass() bool { return f.Conditional }

// Scopes of the networks in the store.
const (
	encoderScope        = "encoder"
	decoderScope        = "decoder"
	averageEncoderScope = "average/encoder"
	averageDecoderScope = "average/decoder"
)

// Model implements [Family].
func (f *VAE) Model(spec data.Spec) (Model, error) {
	switch {
	case spec.Target().Kind != data.Pixels:
		return nil, fmt.Errorf("a vae learns pictures, and the data is %s; the model gan learns points, the model lm texts", spec)
	case f.Conditional && len(spec.ClassNames()) == 0:
		return nil, fmt.Errorf("a conditional vae needs classes, and the data has no labels; set model.conditional = false or sort the pictures into a folder for each class")
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("vae %w", err)
	}
	encoder, err := arch.DiscriminatorOf(f.Encoder, spec)
	if err != nil {
		return nil, err
	}
	decoder, err := arch.GeneratorOf(f.Decoder, spec)
	if err != nil {
		return nil, err
	}
	drawer := drawer{spec: spec, g: decoder, latent: f.Latent, conditional: f.Conditional, scope: decoderScope}
	if f.Average > 0 {
		drawer.scope = averageDecoderScope
	}
	return &vae{VAE: f, drawer: drawer, encoder: encoder}, nil
}

// vae is a VAE that knows its data.
type vae struct {
	*VAE
	drawer
	encoder arch.Discriminator
}

// weightColumn holds the weight of the divergence at this step, the same in each row.
const weightColumn = "divergence weight"

// Stages implements [Model].
func (m *vae) Stages() []train.Stage {
	optimizer := m.Optimizer
	optimizer.Name = "vae"
	phase := train.Phase{
		Name: "vae", Moves: []string{encoderScope, decoderScope}, Optimizer: optimizer, Prepare: m.prepare, Loss: m.loss,
	}
	if m.Average > 0 {
		phase.Averages = []train.Average{
			{From: encoderScope, To: averageEncoderScope, Decay: m.Average},
			{From: decoderScope, To: averageDecoderScope, Decay: m.Average},
		}
	}
	return []train.Stage{{Name: "likelihood", Phases: []train.Phase{phase}}}
}

// prepare adds the random numbers of an update, which depend on the run's seed and the
// step alone, and the weight of the divergence.
func (m *vae) prepare(t train.Turn) error {
	z := data.NewColumn(m.latentField(), t.Batch.N)
	noise.Normals(z.Floats, t.Seed, latentNoise, uint64(t.Step))
	t.Batch.Set(z)
	weight := data.NewColumn(data.Field{Name: weightColumn, Kind: data.Vector, High: float32(m.Beta)}, t.Batch.N)
	for i := range weight.Floats {
		weight.Floats[i] = float32(m.Beta * min(1, float64(t.Step+1)/float64(m.Warmup+1)))
	}
	t.Batch.Set(weight)
	return nil
}

// loss is the negative bound on the logarithm of the likelihood, in nats a number of
// a picture.
func (m *vae) loss(in *train.Inputs) *graph.Node {
	x := in.Column(data.Target) // [batch, height, width, channels]
	told := m.told(in)
	mean, logVariance := m.encode(in.Store.Scope(encoderScope), x, told)    // [batch, latent]
	deviation := graph.Exp(graph.MulScalar(logVariance, 0.5))               // [batch, latent]
	z := graph.Add(mean, graph.Mul(deviation, in.Column(latentColumn)))     // [batch, latent]
	decoder := in.Store.Scope(decoderScope)                                 //
	drawn := m.g.Samples(decoder, m.g.Codes(decoder, z, told), told)        // [batch, height, width, channels]
	square := graph.ReduceAllMean(graph.Square(graph.Sub(x, drawn)))        // []
	kl := divergence(mean, logVariance)                                     // [batch]
	weighted := graph.ReduceAllMean(graph.Mul(kl, in.Column(weightColumn))) // []
	in.Report("reconstruction", square)
	in.Report("kl", graph.ReduceAllMean(kl))
	return graph.Add(surpriseOf(square, m.spec.Target()), graph.DivScalar(weighted, float64(m.spec.Target().Size())))
}

// encode maps pictures x to the means and the logarithms of the variances of their
// latents, [batch, latent] each.
func (m *vae) encode(s *model.Scope, x *graph.Node, told arch.Conditions) (mean, logVariance *graph.Node) {
	features, _ := m.encoder(s, x, nil) // [batch, width]
	width := features.Shape().Dim(1)
	if y := told.Class(); y != nil {
		features = graph.Add(features, nn.Embedding(s.In("class"), y, len(m.spec.ClassNames()), width, 1, features))
	}
	head := func(name string) *graph.Node { return nn.Dense(s.In("%s", name), features, m.Latent, nn.Fan(width)/4) }
	return head("mean"), head("log_variance")
}

// divergence is that of normal distributions with these means and logarithms of
// variances [batch, latent] from standard normal ones, in nats: [batch] (Kingma and
// Welling 2013, appendix B).
func divergence(mean, logVariance *graph.Node) *graph.Node {
	each := graph.Sub(graph.Add(graph.Square(mean), graph.Exp(logVariance)), graph.OnePlus(logVariance)) // [batch, latent]
	return graph.MulScalar(graph.ReduceSum(each, 1), 0.5)
}

// surpriseOf is the negative logarithm of the density of pictures whose mean squared
// difference from what was drawn is square [], in nats a number, under the normal
// distribution of the variance that makes it least, which is square itself (Rybkin,
// Daniilidis and Levine 2020, arXiv:2006.13202). To that is added the variance of
// rounding to 256 levels, so that it stays finite.
func surpriseOf(square *graph.Node, f data.Field) *graph.Node {
	level := float64(f.High-f.Low) / 255
	variance := graph.AddScalar(square, level*level/12)
	return graph.MulScalar(graph.AddScalar(graph.Log(variance), math.Log(2*math.Pi)+1), 0.5)
}
