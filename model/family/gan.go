package family

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
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
				PenaltyEvery:  1,
				Average:       0.999,
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
	PenaltyEvery  int                                     `help:"steps from one penalty update to the next; the penalty is scaled to match (Karras et al. 2019, arXiv:1912.04958)"`
	Generator     registry.Choice[arch.GeneratorArch]     `help:"the network that draws"`
	Discriminator registry.Choice[arch.DiscriminatorArch] `help:"the network that judges"`
	Loss          registry.Choice[loss.Adversarial]       `help:"the game that they play"`
	Penalty       []registry.Choice[loss.Penalty]         `help:"what keeps D smooth"`
	GOptimizer    train.Adam                              `toml:"g_optimizer" help:"what moves G"`
	DOptimizer    train.Adam                              `toml:"d_optimizer" help:"what moves D"`
}

// Check reports a setting that is out of range.
func (f *GAN) Check() error {
	for _, least := range []struct {
		key   string
		value int
	}{{"latent", f.Latent}, {"n_critic", f.Critic}, {"penalty_every", f.PenaltyEvery}} {
		if least.value < 1 {
			return registry.Unfit(least.key, fmt.Sprintf("want at least 1, got %d", least.value))
		}
	}
	if f.Average < 0 || f.Average >= 1 {
		return registry.Unfit("average", fmt.Sprintf("want at least 0 and below 1, got %g", f.Average))
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
	if spec.Target().Kind == data.Tokens {
		return nil, fmt.Errorf("a gan learns pictures and points, and the data is %s; the model lm learns texts", spec)
	}
	if f.Conditional && len(spec.ClassNames()) == 0 {
		return nil, fmt.Errorf("a conditional gan needs classes, and the data has no labels; set model.conditional = false or sort the pictures into a folder for each class")
	}
	g, err := f.Generator.Value.Generator(spec)
	if err != nil {
		return nil, err
	}
	d, err := f.Discriminator.Value.Discriminator(spec)
	if err != nil {
		return nil, err
	}
	return &gan{GAN: f, spec: spec, g: g, d: d}, nil
}

// gan is a GAN that knows its data.
type gan struct {
	*GAN
	spec data.Spec
	g    arch.Generator
	d    arch.Discriminator
}

// Stages implements [Model]: D's phase, the penalties' and G's.
func (m *gan) Stages() []train.Stage {
	phases := []train.Phase{m.phaseD()}
	if len(m.Penalty) > 0 {
		phases = append(phases, m.phasePenalty())
	}
	return []train.Stage{{Name: "adversarial", Phases: append(phases, m.phaseG())}}
}

func (m *gan) phaseD() train.Phase {
	return train.Phase{
		Name: "D", Moves: []string{discriminatorScope}, Times: m.Critic, Optimizer: m.optimizerD(),
		Prepare: m.prepare(phaseD),
		Loss: func(in *train.Inputs) *graph.Node {
			real := in.Column(data.Target)
			n := real.Shape().Dim(0)
			both := graph.Concatenate([]*graph.Node{real, graph.StopGradient(m.fakes(in))}, 0) // [2·batch, shape...]
			classes := m.classes(in)
			if classes != nil {
				classes = graph.Concatenate([]*graph.Node{classes, classes}, 0) // [2·batch]
			}
			logits := m.d(in.Store.Scope(discriminatorScope), both, classes) // [2·batch, 1]
			onReal, onFake := graph.Slice(logits, graph.AxisRange(0, n)), graph.Slice(logits, graph.AxisRange(n))
			in.Report("real", graph.ReduceAllMean(graph.Sigmoid(onReal)))
			in.Report("fake", graph.ReduceAllMean(graph.Sigmoid(onFake)))
			return m.Loss.Value.D(onReal, onFake)
		},
	}
}

// phasePenalty is an update of D that descends the penalties alone. Lazily run,
// their weight grows by as much as they are run less often.
func (m *gan) phasePenalty() train.Phase {
	return train.Phase{
		Name: "penalty", Moves: []string{discriminatorScope}, Every: m.PenaltyEvery, Optimizer: m.optimizerD(),
		Prepare: m.prepare(phasePenalty),
		Loss: func(in *train.Inputs) *graph.Node {
			real, classes := in.Column(data.Target), m.classes(in)
			critic := func(x *graph.Node) *graph.Node { return m.d(in.Store.Scope(discriminatorScope), x, classes) }
			fakes := graph.StopGradient(m.fakes(in))
			total := graph.ScalarZero(in.Graph, real.DType())
			for _, p := range m.Penalty {
				total = graph.Add(total, p.Value.Penalty(critic, real, fakes, in.Column(mixColumn)))
			}
			return graph.MulScalar(total, float64(m.PenaltyEvery))
		},
	}
}

func (m *gan) phaseG() train.Phase {
	p := train.Phase{
		Name: "G", Moves: []string{generatorScope}, Optimizer: m.optimizerG(),
		Prepare: m.prepare(phaseG),
		Loss: func(in *train.Inputs) *graph.Node {
			classes := m.classes(in)
			critic := func(x *graph.Node) *graph.Node { return m.d(in.Store.Scope(discriminatorScope), x, classes) }
			return m.Loss.Value.G(critic(in.Column(data.Target)), critic(m.fakes(in)))
		},
	}
	if m.Average > 0 {
		p.Averages = []train.Average{{From: generatorScope, To: averageScope, Decay: m.Average}}
	}
	return p
}

func (m *gan) optimizerD() train.Adam { m.DOptimizer.Name = "D"; return m.DOptimizer }
func (m *gan) optimizerG() train.Adam { m.GOptimizer.Name = "G"; return m.GOptimizer }

// Columns that a phase adds to the batch.
const (
	latentColumn = "latent"
	mixColumn    = "mix"
)

// Phases as keys of random numbers.
const (
	phaseD = iota + 1
	phasePenalty
	phaseG
)

// prepare adds the latents, and for penalties the mixing weights, of an update.
// They depend on the run's seed, the step, the phase and the update alone.
func (m *gan) prepare(phase uint64) func(train.Turn) error {
	return func(t train.Turn) error {
		z := data.NewColumn(m.latentField(), t.Batch.N)
		noise.Normals(z.Floats, t.Seed, latentNoise, phase, uint64(t.Step), uint64(t.Index))
		t.Batch.Set(z)
		if phase == phasePenalty {
			mix := data.NewColumn(data.Field{Name: mixColumn, Kind: data.Vector, High: 1}, t.Batch.N)
			noise.Uniforms(mix.Floats, t.Seed, mixNoise, uint64(t.Step), uint64(t.Index))
			t.Batch.Set(mix)
		}
		return nil
	}
}

func (m *gan) latentField() data.Field {
	return data.Field{Name: latentColumn, Kind: data.Vector, Shape: []int{m.Latent}}
}

func (m *gan) fakes(in *train.Inputs) *graph.Node {
	return m.g(in.Store.Scope(generatorScope), in.Column(latentColumn), m.classes(in))
}

// classes returns the class indices [batch], nil if the model is unconditional.
func (m *gan) classes(in *train.Inputs) *graph.Node {
	if !m.Conditional {
		return nil
	}
	return in.Column(data.Label)
}

// drawingScope is where the weights stand that samples are drawn with.
func (m *gan) drawingScope(store *model.Store) *model.Scope {
	if m.Average > 0 {
		return store.Scope(averageScope)
	}
	return store.Scope(generatorScope)
}
