package family

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/arch"
	"atelier/model/graphs"
	"atelier/model/train"
)

// The network gives the same logits token by token as in a graph, where the likelihood of texts is
// computed, too.
func TestLSTMWithoutAGraph(t *testing.T) {
	m, store := trained(t, small(registry.Choose[Family]("seqgan").Value), written, 3)
	s := m.(*seqgan)
	cell, err := s.net.Cell(store.Scope(generatorScope))
	if err != nil {
		t.Fatal(err)
	}
	text := []int32{4, 0, 3, 3, 1, 2, 0}
	built := graphs.New(backend(t), store, 1, func(_ *model.Scope, in []*graph.Node) *graph.Node { return s.each(store, in[0]) })
	out, err := built.Call(tensors.FromFlatDataAndDimensions(text, 1, 7))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, x := range tensors.MustCopyFlatData[float32](out[0]) {
		sum += float64(x)
	}
	if got := -LSTMLogProbability(cell, [][]int32{text}); math.Abs(got-sum) > 1e-4 {
		t.Errorf("%g nats token by token, %g in a graph", got, sum)
	}
	likely, err := s.Likelihood(backend(t), store)
	if err != nil {
		t.Fatal(err)
	}
	b := data.NewBatch(written, 1)
	copy(b.Columns[0].Ints, text)
	if got, err := likely(t.Context(), b); err != nil || got[0] <= 0 || got[0]*6 >= sum {
		t.Errorf("%v nats of a token, %g of the text, error %v", got, sum, err)
	}
}

// Tokens are drawn as often as their logits say, at any temperature; a text depends on its seed alone.
func TestLSTMDraws(t *testing.T) {
	rng := noise.Stream(1)
	cell := arch.NewLSTMCell(arch.LSTM{Vocabulary: 4, Embedding: 3, Hidden: 3}, func() float32 { return float32(rng.NormFloat64()) })
	logits := make([]float32, 4)
	cell.Step(cell.Begin(), 4, logits)
	for _, temperature := range []float64{1, 0.5} {
		w, counts, total := newLSTMWriter(cell, temperature), [4]float64{}, 0.0
		const n = 20_000
		for i := range n {
			text := make([]int32, 1)
			w.finish(text, 0, nil, noise.Stream(uint64(i)))
			counts[text[0]] += 1. / n
		}
		for _, x := range logits {
			total += math.Exp(float64(x) / temperature)
		}
		for i, x := range logits {
			if want := math.Exp(float64(x)/temperature) / total; math.Abs(counts[i]-want) > 0.015 {
				t.Errorf("token %d is drawn with the frequency %g, want %g", i, counts[i], want)
			}
		}
	}
	two := LSTMTexts(cell, 9, 6, func(i int) uint64 { return uint64(i % 4) })
	if !slices.Equal(two[1], two[5]) || slices.Equal(two[1], two[2]) {
		t.Errorf("texts %v", two)
	}
}

// Rollouts keep what was written and are weighed place by place, less the mean.
func TestRewards(t *testing.T) {
	m, store := trained(t, small(registry.Choose[Family]("seqgan").Value), written, 3)
	s := m.(*seqgan)
	b := data.NewBatch(written, 3)
	if err := s.rewarded(train.Turn{Seed: 1, Batch: b, Backend: backend(t), Store: store}); err != nil {
		t.Fatal(err)
	}
	for at := range 7 {
		sum := 0.0
		for i := range 3 {
			sum += float64(b.Column(rewardColumn).Row(i)[at])
		}
		if math.Abs(sum) > 1e-5 {
			t.Errorf("the mean of the rewards at %d is %g", at, sum/3)
		}
	}
	verdicts := make([]float32, 2*(6*s.Rollouts+1)) // of two texts: 1 for the first, 0 for the second
	for i := range len(verdicts) / 2 {
		verdicts[i] = 1
	}
	rewards := make([]float32, 14)
	s.reward(rewards, verdicts, 2)
	for i, x := range rewards {
		if want := float32(0.5 - float64(i/7)); math.Abs(float64(x-want)) > 1e-6 {
			t.Errorf("reward %d is %g, want %g", i, x, want)
		}
	}
}

// The game is won: where D likes texts that begin with a token, they become more frequent.
func TestPolicyGradient(t *testing.T) {
	f := small(registry.Choose[Family]("seqgan").Value).(*SeqGAN)
	f.GOptimizer = made[train.Optimizer]("adam", "rate=0.05")
	m, store := trained(t, f, written, 2)
	s := m.(*seqgan)
	phase := m.Stages()[2].Phases[1]
	phase.Prepare = func(turn train.Turn) error {
		if err := s.sampled(turn); err != nil {
			return err
		}
		rewards := data.NewColumn(data.Field{Name: rewardColumn, Kind: data.Vector, Shape: []int{7}}, turn.Batch.N)
		for i := range turn.Batch.N {
			if turn.Batch.Column(sampledColumn).Tokens(i)[0] == 3 {
				rewards.Row(i)[0] = 1
			} else {
				rewards.Row(i)[0] = -0.2
			}
		}
		turn.Batch.Set(rewards)
		return nil
	}
	l := &train.Loop{Backend: backend(t), Store: store, Stages: []train.Stage{{Phases: []train.Phase{phase}}}, Batches: batches{written}, Schedule: constant, Total: 60, Damping: 1, Seed: 2}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	cell, err := s.net.Cell(store.Scope(generatorScope))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, text := range LSTMTexts(cell, 200, 7, func(i int) uint64 { return uint64(i) }) {
		if text[0] == 3 {
			n++
		}
	}
	if n < 150 {
		t.Errorf("%d of 200 texts begin with the token that is rewarded", n)
	}
}

// Gradients pass through sampled tokens: where D likes a token, it becomes more frequent.
func TestGumbelSoftmax(t *testing.T) {
	f := small(registry.Choose[Family]("seqgan").Value).(*SeqGAN)
	f.Gradient, f.GOptimizer = gumbelGradient, made[train.Optimizer]("adam", "rate=0.05")
	m, store := trained(t, f, written, 2)
	s := m.(*seqgan)
	phase := m.Stages()[2].Phases[1]
	phase.Loss = func(in *train.Inputs) *graph.Node {
		noise := graph.Reshape(in.Column(gumbelColumn), -1, 7, s.net.Vocabulary)
		texts := s.net.Relaxed(in.Store.Scope(generatorScope), noise, 1) // [batch, 7, vocabulary]
		in.Report("whole", graph.ReduceAllMean(graph.ReduceMax(texts, -1)))
		third := graph.Slice(texts, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(3))
		return graph.Neg(graph.ReduceAllMean(third))
	}
	var whole float64
	l := &train.Loop{
		Backend: backend(t), Store: store, Stages: []train.Stage{{Phases: []train.Phase{phase}}}, Batches: batches{written}, Schedule: constant, Total: 40, Damping: 1, Seed: 2,
		Hooks: []train.Hook{func(_ context.Context, e train.Event) error { whole = e.Stats["G/whole"]; return nil }},
	}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if whole != 1 {
		t.Errorf("a token has the weight %g, want 1", whole)
	}
	cell, err := s.net.Cell(store.Scope(generatorScope))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, text := range LSTMTexts(cell, 100, 7, func(i int) uint64 { return uint64(i) }) {
		for _, token := range text {
			if token == 3 {
				n++
			}
		}
	}
	if n < 500 {
		t.Errorf("%d of 700 tokens are the one that is rewarded", n)
	}
}
