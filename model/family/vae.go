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
	Families.Add("vae", "variational autoencoder: an encoder and a decoder of pictures, trained on a lower bound of the likelihood (Kingma and Welling 2013, arXiv:1312.6114)",
		func() Family {
			encoder := registry.Choose[arch.DiscriminatorArch]("resnet")
			encoder.Value.(*arch.ResNetDiscriminator).Hidden = []int{128}
			return &VAE{
				Latent:    64,
				Beta:      1,
				Warmup:    1000,
				EMA:       0.999,
				Encoder:   encoder,
				Decoder:   registry.Choose[arch.GeneratorArch]("resnet"),
				Optimizer: train.NewAdam(1e-3, 0.9, 0.99),
			}
		})
}

// VAE learns to encode pictures as nearly standard normal latents, and to decode them.
type VAE struct {
	Latent      int                                     `help:"width of the latent z"`
	Conditional bool                                    `help:"class-conditional: learn and draw by class"`
	Beta        float64                                 `help:"beta, the weight of the KL divergence: 1 is the evidence lower bound; more makes samples more typical and reconstructions less exact (Higgins et al. 2017, beta-VAE)"`
	Warmup      int                                     `help:"KL annealing: steps over which beta rises from 0 (Bowman et al. 2015, arXiv:1511.06349)"`
	EMA         float64                                 `was:"average" help:"decay of the exponential moving average (EMA) of the weights, which samples are drawn from; 0 turns it off"`
	Encoder     registry.Choice[arch.DiscriminatorArch] `help:"encoder: the network whose features give the latents"`
	Decoder     registry.Choice[arch.GeneratorArch]     `help:"decoder: the network that turns latents into pictures"`
	Optimizer   registry.Choice[train.Optimizer]        `help:"optimizer of both"`
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
	case !(f.EMA >= 0 && f.EMA < 1):
		return registry.Unfit("ema", fmt.Sprintf("want at least 0 and below 1, got %g", f.EMA))
	}
	return nil
}

// ByClass reports whether the model is class-conditional.
func (f *VAE) ByClass() bool { return f.Conditional }

// Scopes of the networks in the store.
const (
	encoderScope    = "encoder"
	decoderScope    = "decoder"
	emaEncoderScope = "average/encoder"
	emaDecoderScope = "average/decoder"
)

// Model implements [Family].
func (f *VAE) Model(spec data.Spec) (Model, error) {
	switch {
	case spec.Target().Kind != data.Pixels:
		return nil, fmt.Errorf("a vae learns pictures, but the data is %s; the model gan learns points, the model lm texts", spec)
	case f.Conditional && len(spec.ClassNames()) == 0:
		return nil, fmt.Errorf("a conditional vae needs classes, but the data has no labels; set model.conditional = false or sort the pictures into a folder for each class")
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
	if f.EMA > 0 {
		drawer.scope = emaDecoderScope
	}
	return &vae{VAE: f, drawer: drawer, encoder: encoder}, nil
}

// vae is a VAE for a data spec.
type vae struct {
	*VAE
	drawer
	encoder arch.Discriminator
}

// weightColumn holds the KL weight of this step, the same in each row.
const weightColumn = "divergence weight"

// Stages implements [Model].
func (m *vae) Stages() []train.Stage {
	phase := train.Phase{
		Name: "vae", Moves: []string{encoderScope, decoderScope}, Optimizer: m.Optimizer.Value, Prepare: m.prepare, Loss: m.loss,
	}
	if m.EMA > 0 {
		phase.EMAs = []train.EMA{
			{From: encoderScope, To: emaEncoderScope, Decay: m.EMA},
			{From: decoderScope, To: emaDecoderScope, Decay: m.EMA},
		}
	}
	return []train.Stage{{Name: "likelihood", Phases: []train.Phase{phase}}}
}

// prepare adds the random numbers of an update, which depend only on the run's seed and
// the step, and the KL weight.
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

// loss is the negative evidence lower bound, in nats per number of a picture.
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
	return graph.Add(reconstruction(square, m.spec.Target()), graph.DivScalar(weighted, float64(m.spec.Target().Size())))
}

// encode maps pictures x to the means and log-variances of their latents,
// [batch, latent] each.
func (m *vae) encode(s *model.Scope, x *graph.Node, told arch.Conditions) (mean, logVariance *graph.Node) {
	features, _ := m.encoder(s, x, nil) // [batch, width]
	width := features.Shape().Dim(1)
	if y := told.Class(); y != nil {
		features = graph.Add(features, nn.Embedding(s.In("class"), y, len(m.spec.ClassNames()), width, 1, features))
	}
	head := func(name string) *graph.Node { return nn.Dense(s.In("%s", name), features, m.Latent, nn.Fan(width)/4) }
	return head("mean"), head("log_variance")
}

// divergence is the KL divergence from the standard normal distribution, in nats [batch],
// given means and log-variances [batch, latent] (Kingma and Welling 2013, appendix B).
func divergence(mean, logVariance *graph.Node) *graph.Node {
	each := graph.Sub(graph.Add(graph.Square(mean), graph.Exp(logVariance)), graph.OnePlus(logVariance)) // [batch, latent]
	return graph.MulScalar(graph.ReduceSum(each, 1), 0.5)
}

// reconstruction is the negative log-density of pictures with mean squared error square [],
// in nats per number, under a normal distribution with the optimal variance, which is
// square itself (sigma-VAE: Rybkin, Daniilidis and Levine 2020, arXiv:2006.13202). The
// variance of rounding to 256 levels is added to keep it finite.
func reconstruction(square *graph.Node, f data.Field) *graph.Node {
	level := float64(f.High-f.Low) / 255
	variance := graph.AddScalar(square, level*level/12)
	return graph.MulScalar(graph.AddScalar(graph.Log(variance), math.Log(2*math.Pi)+1), 0.5)
}
