package family

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
	"atelier/model/loss"
	"atelier/model/train"
)

// Stages implements [Model]: D's phase, that of D's penalties where they are not part
// of it, and G's.
func (m *gan) Stages() []train.Stage {
	phases := []train.Phase{m.phaseD()}
	if m.lazyD() {
		phases = append(phases, m.phasePenalty())
	}
	return []train.Stage{{Name: "adversarial", Phases: append(phases, m.phaseG())}}
}

// lazyD reports whether D descends its penalties in updates of their own.
func (m *gan) lazyD() bool { return len(m.Penalty) > 0 && m.PenaltyEvery > 1 }

func (m *gan) phaseD() train.Phase {
	return train.Phase{
		Name: "D", Moves: []string{discriminatorScope}, Times: m.Critic, Pack: m.Pack, Optimizer: m.optimizerD(),
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

// seen are the real samples and the fakes as D sees them, [batch, shape...] each. No
// gradient flows to G.
func (m *gan) seen(in *train.Inputs) (real, fake *graph.Node) {
	real = m.augmented(in, in.Column(data.Target), realAugment)
	return real, graph.StopGradient(m.augmented(in, m.fakes(in), fakeAugment))
}

// phasePenalty is an update of D that descends the penalties alone. Lazily run,
// their weight grows by as much as they are run less often.
func (m *gan) phasePenalty() train.Phase {
	return train.Phase{
		Name: "penalty", Moves: []string{discriminatorScope}, Every: m.PenaltyEvery, Pack: m.Pack, Optimizer: m.optimizerD(),
		Prepare: m.prepare(phasePenalty),
		Loss: func(in *train.Inputs) *graph.Node {
			real, fake := m.seen(in)
			return graph.MulScalar(m.penalties(in, real, fake), float64(m.PenaltyEvery))
		},
	}
}

// penalties are the sum of D's penalties.
func (m *gan) penalties(in *train.Inputs, real, fake *graph.Node) *graph.Node {
	told := m.told(in)
	critic := func(x *graph.Node) *graph.Node {
		_, logits := m.judge(in.Store, x, told)
		return logits
	}
	total := graph.ScalarZero(in.Graph, real.DType())
	for _, p := range m.Penalty {
		total = graph.Add(total, p.Value.Penalty(critic, loss.Samples{Real: real, Fake: fake, Mix: in.Column(mixColumn)}))
	}
	return total
}

func (m *gan) phaseG() train.Phase {
	return train.Phase{
		Name: "G", Moves: []string{generatorScope}, Pack: m.Pack, Optimizer: m.optimizerG(), Averages: m.averages(),
		Prepare: m.prepare(phaseG),
		Loss: func(in *train.Inputs) *graph.Node {
			told := m.told(in)
			_, onReal := m.judge(in.Store, m.augmented(in, in.Column(data.Target), realAugment), told)
			_, onFake := m.judge(in.Store, m.augmented(in, m.fakes(in), fakeAugment), told)
			return m.Loss.Value.G(onReal, onFake)
		},
	}
}

func (m *gan) averages() []train.Average {
	if m.Average == 0 {
		return nil
	}
	return []train.Average{{From: generatorScope, To: averageScope, Decay: m.Average}}
}

// optimizerD moves D at the same pace whether it is moved by its penalties too, once in
// PenaltyEvery steps, or not (Karras et al. 2019, arXiv:1912.04958, appendix B).
func (m *gan) optimizerD() train.Adam {
	a := m.DOptimizer
	a.Name = "D"
	if m.lazyD() {
		a = a.Paced(float64(m.PenaltyEvery) / float64(m.PenaltyEvery+1))
	}
	return a
}

func (m *gan) optimizerG() train.Adam {
	a := m.GOptimizer
	a.Name = "G"
	return a
}
