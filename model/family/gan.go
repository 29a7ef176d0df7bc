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
	Families.Add("gan", "a generator trained against a discriminator (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() Family {
			return &GAN{
				Generator:     registry.Choose[arch.GeneratorArch]("mlp"),
				Discriminator: registry.Choose[arch.DiscriminatorArch]("mlp"),
				Loss:          registry.Choose[loss.Adversarial]("nonsaturating"),
				Latent:        64,
				Critic:        1,
				Pack:          1,
				PenaltyEvery:  1,
				EMA:           0.999,
				AugmentShare:  1,
				AugmentSpan:   100_000,
				GOptimizer:    train.NewAdam(2e-4, 0.5, 0.99),
				DOptimizer:    train.NewAdam(2e-4, 0.5, 0.99),
			}
		})
}

// GAN trains a generator against a discriminator.
type GAN struct {
	Latent        int                                     `help:"width of the latent z"`
	Conditional   bool                                    `help:"class-conditional: learn and draw by class"`
	Text          bool                                    `json:",omitempty" help:"text-conditional: learn and draw what captions say; needs codec.captions"`
	Match         float64                                 `json:",omitempty" help:"weight of the mean squared difference between what G draws and the picture with that caption, which teaches G sooner what captions mean (Isola et al. 2016, arXiv:1611.07004, where it is absolute); 0 leaves it to D"`
	Critic        int                                     `toml:"n_critic" help:"D updates per G update"`
	EMA           float64                                 `was:"average" help:"decay of the exponential moving average (EMA) of G's weights, which samples are drawn from; 0 turns it off"`
	Pack          int                                     `help:"samples that D judges together (PacGAN), against mode collapse (Lin et al. 2017, arXiv:1712.04086)"`
	PenaltyEvery  int                                     `help:"lazy regularisation: D's penalties are applied every this many steps, scaled to match (Karras et al. 2019, arXiv:1912.04958)"`
	AugmentShare  float64                                 `help:"probability of each augmentation; with ADA, see augment_target, it is adapted instead"`
	AugmentTarget float64                                 `help:"adaptive augmentation (ADA): adapt that probability until the mean sign of D's logits on real samples is this, usually 0.6; 0 keeps it fixed (Karras et al. 2020, arXiv:2006.06676)"`
	AugmentSpan   int                                     `help:"ADA speed: number of real samples in which the probability can rise from 0 to 1"`
	Generator     registry.Choice[arch.GeneratorArch]     `help:"generator"`
	Discriminator registry.Choice[arch.DiscriminatorArch] `help:"discriminator"`
	Loss          registry.Choice[loss.Adversarial]       `help:"adversarial loss"`
	Penalty       []registry.Choice[loss.Penalty]         `help:"penalties on D's gradient"`
	Augment       []registry.Choice[augment.Augmentation] `help:"augmentations of what D sees, real and fake, for small sets"`
	GOptimizer    registry.Choice[train.Optimizer]        `toml:"g_optimizer" help:"G's optimizer"`
	DOptimizer    registry.Choice[train.Optimizer]        `toml:"d_optimizer" help:"D's optimizer"`
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
	case !(f.EMA >= 0 && f.EMA < 1):
		return registry.Unfit("ema", fmt.Sprintf("want at least 0 and below 1, got %g", f.EMA))
	case !(f.AugmentShare >= 0 && f.AugmentShare <= 1):
		return registry.Unfit("augment_share", fmt.Sprintf("want 0 to 1, got %g", f.AugmentShare))
	case !(f.AugmentTarget >= 0 && f.AugmentTarget < 1):
		return registry.Unfit("augment_target", fmt.Sprintf("want at least 0 and below 1, got %g", f.AugmentTarget))
	case f.Pack > 1 && (f.Conditional || f.Text):
		return registry.Unfit("pack", "a conditional gan judges samples one by one; want 1, or conditional = false and text = false")
	case !(f.Match >= 0 && f.Match <= 1000):
		return registry.Unfit("match", fmt.Sprintf("want 0 to 1000, got %g", f.Match))
	case f.Match > 0 && !f.Text:
		return registry.Unfit("match", "only a gan of texts matches pictures: want 0, or text = true")
	}
	return nil
}

// ByClass reports whether the model is class-conditional.
func (f *GAN) ByClass() bool { return f.Conditional }

// Scopes of the networks in the store.
const (
	generatorScope     = "generator"
	discriminatorScope = "discriminator"
	emaScope           = "average/generator"
)

// Model implements [Family].
func (f *GAN) Model(spec data.Spec) (Model, error) {
	target := spec.Target()
	switch {
	case target.Kind == data.Tokens:
		return nil, fmt.Errorf("a gan learns pictures and points, but the data is %s; the model lm learns texts", spec)
	case f.Conditional && len(spec.ClassNames()) == 0:
		return nil, fmt.Errorf("a conditional gan needs classes, but the data has no labels; set model.conditional = false or sort the pictures into a folder for each class")
	case len(f.Augment) > 0 && target.Kind != data.Pixels:
		return nil, fmt.Errorf("model.augment changes pictures, but the data is %s; leave it out", spec)
	}
	if f.Text {
		if err := needsCaptions("gan", spec); err != nil {
			return nil, err
		}
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
	drawer := drawer{spec: spec, g: g, latent: f.Latent, conditional: f.Conditional, text: f.Text, scope: generatorScope}
	if f.EMA > 0 {
		drawer.scope = emaScope
	}
	m := &gan{GAN: f, drawer: drawer, d: d, strength: newStrength(f)}
	if f.Pack > 1 {
		return m, nil
	}
	return judgingGAN{m}, nil
}

// Needs implements [Conditioned].
func (m *gan) Needs() []string {
	if m.text {
		return []string{data.CaptionField}
	}
	return nil
}

// gan is a GAN for a data spec.
type gan struct {
	*GAN
	drawer
	d        arch.Discriminator
	strength *strength // of the augmentations
}

// judge applies D to samples x [batch, shape...]: features and logits of each sample or
// pack of samples.
func (m *gan) judge(store *model.Store, x *graph.Node, told arch.Conditions) (features, logits *graph.Node) {
	return m.d(store.Scope(discriminatorScope), pack(x, m.Pack), told)
}

// fakes generates samples [batch, shape...] from the latents of the batch.
func (m *gan) fakes(in *train.Inputs) *graph.Node { return m.drawn(in, m.codes(in)) }

// codes maps the latents of the batch to codes [batch, layers, width].
func (m *gan) codes(in *train.Inputs) *graph.Node {
	return m.g.Codes(in.Store.Scope(generatorScope), in.Column(latentColumn), m.told(in))
}

// drawn generates samples from codes.
func (m *gan) drawn(in *train.Inputs, codes *graph.Node) *graph.Node {
	return m.g.Samples(in.Store.Scope(generatorScope), codes, m.told(in))
}
