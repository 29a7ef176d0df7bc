package family

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/loss"
	"atelier/model/train"
)

func init() {
	Families.Add("predict", "the next frames of clips from given ones, by squared error and against a discriminator (Mathieu, Couprie and LeCun 2015, arXiv:1511.05440)",
		func() Family {
			return &Predict{
				Given: 4, Ahead: 5, Reach: 3, Patch: 2, Adversarial: 0.002, DEvery: 4, EMA: 0.998,
				Network:       registry.Choose[arch.VelocityArch]("unet"),
				Discriminator: registry.Choose[arch.DiscriminatorArch]("clip"),
				Loss:          registry.Choose[loss.Adversarial]("nonsaturating"),
				Optimizer:     train.NewAdam(1e-3, 0.9, 0.99),
				DOptimizer:    train.NewAdam(2e-4, 0.5, 0.99),
			}
		})
}

// Predict learns the next frames of clips from given ones.
type Predict struct {
	Given         int                                     `help:"number of frames that the next one is predicted from, 2 to 32"`
	Ahead         int                                     `help:"number of frames that are predicted at once, 1 to 32; more are predicted from these"`
	Reach         int                                     `help:"how far something moves from one frame to the next at most, 1 to 8 pixels along each axis"`
	Patch         int                                     `help:"side of the cells of pixels that the network works on, which move together: 1, 2 or 4"`
	Adversarial   float64                                 `help:"weight of the adversarial loss beside the squared error; 0 leaves the discriminator out"`
	DEvery        int                                     `toml:"d_every" help:"D is updated every this many steps"`
	EMA           float64                                 `help:"decay of the exponential moving average (EMA) of the weights, which frames are predicted with; 0 turns it off"`
	Network       registry.Choice[arch.VelocityArch]      `help:"network that estimates the velocities"`
	Discriminator registry.Choice[arch.DiscriminatorArch] `help:"discriminator of given and predicted frames together"`
	Loss          registry.Choice[loss.Adversarial]       `help:"adversarial loss"`
	Optimizer     registry.Choice[train.Optimizer]        `help:"optimizer of the predictor"`
	DOptimizer    registry.Choice[train.Optimizer]        `toml:"d_optimizer" help:"D's optimizer"`
}

// Check reports a setting that is out of range.
func (f *Predict) Check() error {
	switch {
	case f.Given < 2 || f.Given > 32:
		return registry.Unfit("given", fmt.Sprintf("want 2 to 32, got %d", f.Given))
	case f.Patch != 1 && f.Patch != 2 && f.Patch != 4:
		return registry.Unfit("patch", fmt.Sprintf("want 1, 2 or 4, got %d", f.Patch))
	case !(f.Adversarial >= 0 && f.Adversarial <= 1):
		return registry.Unfit("adversarial", fmt.Sprintf("want 0 to 1, got %g", f.Adversarial))
	case !(f.EMA >= 0 && f.EMA < 1):
		return registry.Unfit("ema", fmt.Sprintf("want at least 0 and below 1, got %g", f.EMA))
	}
	if err := within("ahead", f.Ahead, 32); err != nil {
		return err
	}
	if err := within("d_every", f.DEvery, 1000); err != nil {
		return err
	}
	return within("reach", f.Reach, 8)
}

// Scopes of the predictor in the store.
const (
	predictorScope    = "predictor"
	emaPredictorScope = "average/predictor"
)

// Model implements [Family].
func (f *Predict) Model(spec data.Spec) (Model, error) {
	if err := registry.Check(f); err != nil {
		return nil, fmt.Errorf("predict %w", err)
	}
	ahead, err := newForesight("predict", f.Given, f.Ahead, spec)
	if err != nil {
		return nil, err
	}
	m := &predict{Predict: f, foresight: ahead}
	if m.warp, err = arch.NewWarp(f.Given, f.Ahead, f.Reach, f.Patch, f.Network, spec.Target()); err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	if f.Adversarial > 0 {
		m.d, err = arch.DiscriminatorOf(f.Discriminator, data.Spec{Fields: []data.Field{m.windowField()}})
	}
	return m, err
}

// predict is a Predict for a data spec.
type predict struct {
	*Predict
	foresight
	warp *arch.Warp
	d    arch.Discriminator // nil without an adversarial loss
}

// prepare adds the windows. D and the predictor see the same.
func (m *predict) prepare(t train.Turn) error {
	t.Batch.Set(m.windows(t, 1))
	return nil
}

// Stages implements [Model].
func (m *predict) Stages() []train.Stage {
	phase := train.Phase{Name: "predict", Moves: []string{predictorScope}, Optimizer: m.Optimizer.Value, Prepare: m.prepare, Loss: m.loss}
	if m.EMA > 0 {
		phase.EMAs = []train.EMA{{From: predictorScope, To: emaPredictorScope, Decay: m.EMA}}
	}
	if m.d == nil {
		return []train.Stage{{Name: "prediction", Phases: []train.Phase{phase}}}
	}
	judging := train.Phase{Name: dPhase, Moves: []string{discriminatorScope}, Every: m.DEvery, Optimizer: m.DOptimizer.Value, Prepare: m.prepare, Loss: m.lossD}
	return []train.Stage{{Name: "prediction", Phases: []train.Phase{judging, phase}}}
}

// unrolled are a window of real frames and the same with those after the given ones predicted:
// [batch, window, height, width, channels].
func (m *predict) unrolled(in *train.Inputs) (real, predicted *graph.Node) {
	real = in.Column(windowColumn)
	seen := arch.Split(real, 0, m.Given)
	return real, arch.Joined(append(seen, m.warp.Next(in.Store.Scope(predictorScope), seen)...))
}

// judge is D's logits on windows [batch, window, height, width, channels].
func (m *predict) judge(store *model.Store, x *graph.Node) *graph.Node {
	_, logits := m.d(store.Scope(discriminatorScope), x, nil)
	return logits
}

func (m *predict) loss(in *train.Inputs) *graph.Node {
	real, predicted := m.unrolled(in)
	square := graph.ReduceAllMean(graph.Square(graph.Sub(real, predicted)))
	square = graph.MulScalar(square, float64(m.window())/float64(m.Ahead)) // the given frames have no error
	in.Report("square", square)
	if m.d == nil {
		return square
	}
	adversarial := m.Loss.Value.G(m.judge(in.Store, real), m.judge(in.Store, predicted))
	in.Report("adversarial", adversarial)
	return graph.Add(square, graph.MulScalar(adversarial, m.Adversarial))
}

func (m *predict) lossD(in *train.Inputs) *graph.Node {
	real, predicted := m.unrolled(in)
	both := graph.Concatenate([]*graph.Node{real, graph.StopGradient(predicted)}, 0) // [2·batch, window, height, width, channels]
	logits := m.judge(in.Store, both)
	n := logits.Shape().Dim(0) / 2
	onReal, onFake := graph.Slice(logits, graph.AxisRange(0, n)), graph.Slice(logits, graph.AxisRange(n))
	in.Report("real", graph.ReduceAllMean(graph.Sigmoid(onReal)))
	in.Report("fake", graph.ReduceAllMean(graph.Sigmoid(onFake)))
	return m.Loss.Value.D(onReal, onFake)
}
