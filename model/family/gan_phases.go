package family

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
	"atelier/model/loss"
	"atelier/model/train"
)

// dPhase names D's phase, and D's optimizer moments in all phases.
const dPhase = "D"

// Stages implements [Model]: D's phase, that of D's lazy penalties if there are any, and
// G's.
func (m *gan) Stages() []train.Stage {
	phases := []train.Phase{m.phaseD()}
	if m.lazyD() {
		phases = append(phases, m.phasePenalty())
	}
	return []train.Stage{{Name: "adversarial", Phases: append(phases, m.phaseG())}}
}

// lazyD reports whether D's penalties have updates of their own.
func (m *gan) lazyD() bool { return len(m.Penalty) > 0 && m.PenaltyEvery > 1 }

func (m *gan) phaseD() train.Phase {
	return train.Phase{
		Name: dPhase, Moves: []string{discriminatorScope}, Times: m.Critic, Pack: m.Pack, Optimizer: m.optimizerD(), Numbers: m.weights(),
		Prepare: m.prepare(phaseD), After: m.adapt, Memory: m.strength,
		Loss: func(in *train.Inputs) *graph.Node {
			real, fake := m.seen(in)
			both := graph.Concatenate([]*graph.Node{real, fake}, 0)  // [2·batch, shape...]
			_, logits := m.judge(in.Store, both, m.told(in).Twice()) // [2·packs, 1]
			n := logits.Shape().Dim(0) / 2
			onReal, onFake := graph.Slice(logits, graph.AxisRange(0, n)), graph.Slice(logits, graph.AxisRange(n))
			in.Report("real", graph.ReduceAllMean(graph.Sigmoid(onReal)))
			in.Report("fake", graph.ReduceAllMean(graph.Sigmoid(onFake)))
			if len(m.Augment) > 0 {
				in.Report(signStat, graph.ReduceAllMean(graph.Sign(onReal)))
			}
			total := m.Loss.Value.D(onReal, onFake)
			if len(m.Penalty) > 0 && !m.lazyD() {
				total = graph.Add(total, m.penalties(in, real, fake))
			}
			return total
		},
	}
}

// seen returns the augmented real samples and fakes, [batch, shape...] each. No gradient
// flows to G.
func (m *gan) seen(in *train.Inputs) (real, fake *graph.Node) {
	real = m.augmented(in, in.Column(data.Target), realAugment)
	return real, graph.StopGradient(m.augmented(in, m.fakes(in), fakeAugment))
}

// phasePenalty is an update of D by the penalties alone, whose weight is multiplied by
// their interval.
func (m *gan) phasePenalty() train.Phase {
	return train.Phase{
		Name: "penalty", Moves: []string{discriminatorScope}, Every: m.PenaltyEvery, Pack: m.Pack, Optimizer: m.optimizerD(), Moments: dPhase, Numbers: m.weights(),
		Prepare: m.prepare(phasePenalty),
		Loss: func(in *train.Inputs) *graph.Node {
			real, fake := m.seen(in)
			return graph.MulScalar(m.penalties(in, real, fake), float64(m.PenaltyEvery))
		},
	}
}

// penalties returns the weighted sum of D's penalties.
func (m *gan) penalties(in *train.Inputs, real, fake *graph.Node) *graph.Node {
	told := m.told(in)
	critic := func(x *graph.Node) *graph.Node {
		_, logits := m.judge(in.Store, x, told)
		return logits
	}
	total := graph.ScalarZero(in.Graph, real.DType())
	for i, p := range m.Penalty {
		penalty := p.Value.Penalty(critic, loss.Samples{Real: real, Fake: fake, Mix: in.Column(mixColumn)})
		total = graph.Add(total, graph.Mul(penalty, in.Number(weightOf(i))))
	}
	return total
}

// weights are the weights of the penalties, which are inputs of the graph.
func (m *gan) weights() (all []train.Number) {
	for i, p := range m.Penalty {
		all = append(all, train.Number{Name: weightOf(i), Value: p.Value.Weight})
	}
	return all
}

// weightOf is the name of the weight of a penalty.
func weightOf(penalty int) string { return fmt.Sprintf("weight of penalty %d", penalty) }

func (m *gan) phaseG() train.Phase {
	return train.Phase{
		Name: "G", Moves: []string{generatorScope}, Pack: m.Pack, Optimizer: m.GOptimizer.Value, EMAs: m.emas(),
		Prepare: m.prepare(phaseG),
		Loss: func(in *train.Inputs) *graph.Node {
			told := m.told(in)
			_, onReal := m.judge(in.Store, m.augmented(in, in.Column(data.Target), realAugment), told)
			fakes := m.fakes(in)
			_, onFake := m.judge(in.Store, m.augmented(in, fakes, fakeAugment), told)
			total := m.Loss.Value.G(onReal, onFake)
			if m.Match > 0 {
				far := graph.ReduceAllMean(graph.Square(graph.Sub(fakes, in.Column(data.Target))))
				in.Report("far", far)
				total = graph.Add(total, graph.MulScalar(far, m.Match))
			}
			return total
		},
	}
}

func (m *gan) emas() []train.EMA {
	if m.EMA == 0 {
		return nil
	}
	return []train.EMA{{From: generatorScope, To: emaScope, Decay: m.EMA}}
}

// optimizerD adjusts D's optimizer for the extra updates of lazy penalties, one in every
// PenaltyEvery steps (Karras et al. 2019, arXiv:1912.04958, appendix B).
func (m *gan) optimizerD() train.Optimizer {
	if m.lazyD() {
		return m.DOptimizer.Value.Paced(float64(m.PenaltyEvery) / float64(m.PenaltyEvery+1))
	}
	return m.DOptimizer.Value
}
