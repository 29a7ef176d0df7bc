package family

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/augment"
	"atelier/model/loss"
	"atelier/model/train"
)

func init() {
	Families.Add("gan", "a generator against a discriminator (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() Family {
			return &GAN{
				Generator:     registry.Choose[arch.GeneratorArch]("mlp"),
				Discriminator: registry.Choose[arch.DiscriminatorArch]("mlp"),
				Loss:          registry.Choose[loss.Adversarial]("nonsaturating"),
				Latent:        64,
				Critic:        1,
				Pack:          1,
				PenaltyEvery:  1,
				Average:       0.999,
				AugmentShare:  1,
				AugmentSpan:   100_000,
				GOptimizer:    train.Adam{Rate: 2e-4, Beta1: 0.5, Beta2: 0.99, Epsilon: 1e-8},
				DOptimizer:    train.Adam{Rate: 2e-4, Beta1: 0.5, Beta2: 0.99, Epsilon: 1e-8},
			}
		})
}

// GAN trains a generator against a discriminator.
type GAN struct {
	Latent        int                                     `help:"width of the latent"`
	Conditional   bool                                    `help:"learn and draw by class"`
	Critic        int                                     `toml:"n_critic" help:"D updates a G update"`
	Average       float64                                 `help:"decay of the moving average of G's weights, which is what is drawn from; 0 keeps none"`
	Pack          int                                     `help:"samples that D judges together, so that it sees when they are too alike (Lin et al. 2017, arXiv:1712.04086)"`
	PenaltyEvery  int                                     `help:"steps from one update by D's penalties to the next; rates and penalties are scaled to match (Karras et al. 2019, arXiv:1912.04958)"`
	AugmentShare  float64                                 `help:"share of the samples that an augmentation changes, where the share is fixed"`
	AugmentTarget float64                                 `help:"adapt that share until the mean sign of D's logits on real samples is this; usual is 0.6; 0 keeps it fixed (Karras et al. 2020, arXiv:2006.06676)"`
	AugmentSpan   int                                     `help:"real samples in which an adapted share can grow from 0 to 1"`
	Generator     registry.Choice[arch.GeneratorArch]     `help:"the network that draws"`
	Discriminator registry.Choice[arch.DiscriminatorArch] `help:"the network that judges"`
	Loss          registry.Choice[loss.Adversarial]       `help:"the game that they play"`
	Penalty       []registry.Choice[loss.Penalty]         `help:"what keeps D smooth"`
	Augment       []registry.Choice[augment.Augmentation] `help:"what changes samples before D sees them, for sets that are small"`
	GOptimizer    train.Adam                              `toml:"g_optimizer" help:"what moves G"`
	DOptimizer    train.Adam                              `toml:"d_optimizer" help:"what moves D"`
}

// Check reports a setting that is out of range.
func (f *GAN) Check() error {
	for _, limit := range []struct {
		key         string
		value, most int
	}{
		{"latent", f.Latent, mostLatent}, {"n_critic", f.Critic, 1000}, {"pack", f.Pack, 1000}, {"penalty_every", f.PenaltyEvery, math.MaxInt},
		{"augment_span", f.AugmentSpan, math.MaxInt},
	} {
		if err := within(limit.key, limit.value, limit.most); err != nil {
			return err
		}
	}
	switch {
	case !(f.Average >= 0 && f.Average < 1):
		return registry.Unfit("average", fmt.Sprintf("want at least 0 and below 1, got %g", f.Average))
	case !(f.AugmentShare >= 0 && f.AugmentShare <= 1):
		return registry.Unfit("augment_share", fmt.Sprintf("want 0 to 1, got %g", f.AugmentShare))
	case !(f.AugmentTarget >= 0 && f.AugmentTarget < 1):
		return registry.Unfit("augment_target", fmt.Sprintf("want at least 0 and below 1, got %g", f.AugmentTarget))
	case f.Pack > 1 && f.Conditional:
		return registry.Unfit("pack", "a conditional gan judges samples one by one; want 1, or conditional = false")
	}
	return nil
}

// ByClass reports whether samples can be asked for by class.
func (f *GAN) ByClass() bool { return f.Conditional }

// Scopes of the networks in the store.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	averageScope       = "average/generator"
)

// Model implements [Family].
func (f *GAN) Model(spec data.Spec) (Model, error) {
	target := spec.Target()
	switch {
	case target.Kind == data.Tokens:
		return nil, fmt.Errorf("a gan learns pictures and points, and the data is %s; the model lm learns texts", spec)
	case f.Conditional && len(spec.ClassNames()) == 0:
		return nil, fmt.Errorf("a conditional gan needs classes, and the data has no labels; set model.conditional = false or sort the pictures into a folder for each class")
	case len(f.Augment) > 0 && target.Kind != data.Pixels:
		return nil, fmt.Errorf("model.augment changes pictures, and the data is %s; leave it out", spec)
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("gan %w", err)
	}
	g, err := arch.GeneratorOf(f.Generator, spec)
	if err != nil {
		return nil, err
	}
	d, err := arch.DiscriminatorOf(f.Discriminator, packed(spec, f.Pack))
	if err != nil {
		return nil, err
	}
	drawer := drawer{spec: spec, g: g, latent: f.Latent, conditional: f.Conditional, scope: generatorScope}
	if f.Average > 0 {
		drawer.scope = averageScope
	}
	m := &gan{GAN: f, drawer: drawer, d: d, strength: newStrength(f)}
	if f.Pack > 1 {
		return m, nil
	}
	return judgingGAN{m}, nil
}

// gan is a GAN that knows its data.
type gan struct {
	*GAN
	drawer
	d        arch.Discriminator
	strength *strength // of the augmentations
}

// judge is D on samples x [batch, shape...]: features and logits of each sample, or of
// each pack of them.
func (m *gan) judge(store *model.Store, x *graph.Node, told arch.Conditions) (features, logits *graph.Node) {
	return m.d(store.Scope(discriminatorScope), pack(x, m.Pack), told)
}

// fakes are samples of the latents of the batch [batch, shape...].
func (m *gan) fakes(in *train.Inputs) *graph.Node { return m.drawn(in, m.codes(in)) }

// codes are what the latents of the batch are mapped to [batch, layers, width].
func (m *gan) codes(in *train.Inputs) *graph.Node {
	return m.g.Codes(in.Store.Scope(generatorScope), in.Column(latentColumn), m.told(in))
}

// drawn are samples of codes.
func (m *gan) drawn(in *train.Inputs, codes *graph.Node) *graph.Node {
	return m.g.Samples(in.Store.Scope(generatorScope), codes, m.told(in))
}
