package family

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/train"
)

func init() {
	Families.Add("flow", "flow matching: noise flows to pictures along nearly straight paths (Lipman et al. 2022, arXiv:2210.02747; Liu, Gong and Liu 2022, arXiv:2209.03003)",
		func() Family {
			return &Flow{
				EMA:       0.999,
				Times:     timesLogitNormal,
				LabelDrop: 0.1,
				Guidance:  1,
				Solver:    solverHeun,
				DrawSteps: 10,
				Network:   registry.Choose[arch.VelocityArch]("unet"),
				Optimizer: train.NewAdam(1e-3, 0.9, 0.99),
			}
		})
}

// Distributions of times in training, and ODE solvers in sampling.
const (
	timesLogitNormal = "logit_normal"
	timesUniform     = "uniform"
	solverEuler      = "euler"
	solverHeun       = "heun"
)

var (
	flowTimes   = []string{timesLogitNormal, timesUniform}
	flowSolvers = []string{solverEuler, solverHeun}
)

// Flow learns the velocity field that takes noise to pictures.
type Flow struct {
	Conditional bool                               `help:"class-conditional: learn and draw by class"`
	Text        bool                               `json:",omitempty" help:"text-conditional: learn and draw what captions say; needs codec.captions"`
	EMA         float64                            `was:"average" help:"decay of the exponential moving average (EMA) of the weights, which samples are drawn from; 0 turns it off"`
	Times       string                             `help:"distribution of the times in training: logit_normal (mostly in the middle; Esser et al. 2024, arXiv:2403.03206) or uniform"`
	LabelDrop   float64                            `toml:"label_drop" help:"class dropout: share of the examples that a conditional flow learns without their class or caption, as classifier-free guidance needs (Ho and Salimans 2022, arXiv:2207.12598)"`
	Guidance    float64                            `help:"classifier-free guidance scale of a conditional flow: 1 is none; more makes samples more typical of their class or caption, at twice the time"`
	Solver      string                             `help:"ODE solver: euler, or heun (second order, at twice the time)"`
	DrawSteps   int                                `toml:"draw_steps" help:"sampling steps, from noise to a sample"`
	Network     registry.Choice[arch.VelocityArch] `help:"the network that predicts the velocity"`
	Optimizer   registry.Choice[train.Optimizer]   `help:"optimizer"`
}

// Check reports a setting that is out of range.
func (f *Flow) Check() error {
	switch {
	case !(f.EMA >= 0 && f.EMA < 1):
		return registry.Unfit("ema", fmt.Sprintf("want at least 0 and below 1, got %g", f.EMA))
	case !slices.Contains(flowTimes, f.Times):
		return registry.Unfit("times", fmt.Sprintf("no times %q; %s", f.Times, registry.Suggest(f.Times, flowTimes)))
	case !(f.LabelDrop >= 0 && f.LabelDrop <= 1):
		return registry.Unfit("label_drop", fmt.Sprintf("want 0 to 1, got %g", f.LabelDrop))
	case !(f.Guidance >= 0 && f.Guidance <= 100):
		return registry.Unfit("guidance", fmt.Sprintf("want 0 to 100, got %g", f.Guidance))
	case !slices.Contains(flowSolvers, f.Solver):
		return registry.Unfit("solver", fmt.Sprintf("no solver %q; %s", f.Solver, registry.Suggest(f.Solver, flowSolvers)))
	case f.DrawSteps < 1 || f.DrawSteps > 1000:
		return registry.Unfit("draw_steps", fmt.Sprintf("want 1 to 1000, got %d", f.DrawSteps))
	}
	return nil
}

// ByClass reports whether the model is class-conditional.
func (f *Flow) ByClass() bool { return f.Conditional }

// Scopes of the network in the store.
const (
	velocityScope    = "velocity"
	emaVelocityScope = "average/velocity"
)

// Model implements [Family].
func (f *Flow) Model(spec data.Spec) (Model, error) {
	switch {
	case spec.Target().Kind != data.Pixels:
		return nil, fmt.Errorf("a flow learns pictures, but the data is %s; the model gan learns points, the model lm texts", spec)
	case f.Conditional && len(spec.ClassNames()) == 0:
		return nil, fmt.Errorf("a conditional flow needs classes, but the data has no labels; set model.conditional = false or sort the pictures into a folder for each class")
	}
	if f.Text {
		if err := needsCaptions("flow", spec); err != nil {
			return nil, err
		}
	}
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("flow %w", err)
	}
	network, err := arch.VelocityOf(f.Network, spec)
	if err != nil {
		return nil, err
	}
	m := &flow{Flow: f, spec: spec, network: network, beside: spec.Beside()}
	if sized, ok := f.Network.Value.(arch.Resizable); ok {
		if m.sides, err = sized.Multiple(spec); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// flow is a Flow for a data spec.
type flow struct {
	*Flow
	spec    data.Spec
	network arch.Velocity
	beside  []string // pictures that condition it, such as [data.SourceField]
	sides   int      // what the sides of such pictures are multiples of; 0 if they must be those of the spec
}

// Needs implements [Conditioned].
func (m *flow) Needs() []string {
	if m.Text {
		return append([]string{data.CaptionField}, m.beside...)
	}
	return m.beside
}

// Columns of a flow: standard normal noise, the time of each example, and its class, or
// the number of classes where class dropout hides it.
const (
	noiseColumn = "noise"
	timeColumn  = "time"
	toldColumn  = "told class"
)

// Stages implements [Model].
func (m *flow) Stages() []train.Stage {
	phase := train.Phase{Name: "flow", Moves: []string{velocityScope}, Optimizer: m.Optimizer.Value, Prepare: m.prepare, Loss: m.loss}
	if m.EMA > 0 {
		phase.EMAs = []train.EMA{{From: velocityScope, To: emaVelocityScope, Decay: m.EMA}}
	}
	return []train.Stage{{Name: "matching", Phases: []train.Phase{phase}}}
}

// prepare adds the random numbers of an update, which depend only on the run's seed and
// the step.
func (m *flow) prepare(t train.Turn) error {
	e := data.NewColumn(m.noiseField(), t.Batch.N)
	noise.Normals(e.Floats, t.Seed, sampleNoise, uint64(t.Step))
	t.Batch.Set(e)
	time := data.NewColumn(data.Field{Name: timeColumn, Kind: data.Vector, High: 1}, t.Batch.N)
	rng := noise.Stream(t.Seed, timeNoise, uint64(t.Step))
	for i := range time.Floats {
		if m.Times == timesUniform {
			time.Floats[i] = rng.Float32()
			continue
		}
		time.Floats[i] = float32(1 / (1 + math.Exp(-rng.NormFloat64())))
	}
	t.Batch.Set(time)
	if m.Conditional {
		told := data.NewColumn(m.toldField(), t.Batch.N)
		rng := noise.Stream(t.Seed, dropNoise, uint64(t.Step))
		for i, class := range t.Batch.Column(data.Label).Ints {
			if told.Ints[i] = class; rng.Float64() < m.LabelDrop {
				told.Ints[i] = int32(len(m.spec.ClassNames()))
			}
		}
		t.Batch.Set(told)
	}
	if m.Text {
		tellLine(t.Batch, m.spec, noise.Stream(t.Seed, captionNoise, uint64(t.Step)), m.LabelDrop)
	}
	return nil
}

func (m *flow) noiseField() data.Field {
	return data.Field{Name: noiseColumn, Kind: data.Vector, Shape: m.spec.Target().Shape}
}

func (m *flow) toldField() data.Field {
	return data.Field{Name: toldColumn, Kind: data.Classes, Classes: append(slices.Clone(m.spec.ClassNames()), "")}
}

// loss is the mean squared error of the velocity against picture minus noise, the velocity
// of the straight path.
func (m *flow) loss(in *train.Inputs) *graph.Node {
	x, e, time := in.Column(data.Target), in.Column(noiseColumn), in.Column(timeColumn)
	way := graph.Sub(x, e)                                                 // [batch, height, width, channels]
	at := graph.Add(e, graph.Mul(way, graph.InsertAxes(time, -1, -1, -1))) // [batch, height, width, channels]
	told := arch.OfClass(in.Column(toldColumn))
	if m.Text {
		told = told.With(data.CaptionField, in.Column(toldCaption))
	}
	for _, name := range m.beside {
		told = told.With(name, in.Column(name))
	}
	got := m.network(in.Store.Scope(velocityScope), at, time, told) // [batch, height, width, channels]
	return graph.ReduceAllMean(graph.Square(graph.Sub(got, way)))
}
