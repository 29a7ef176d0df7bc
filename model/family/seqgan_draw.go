package family

import (
	"context"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/arch"
	"atelier/model/train"
)

const judgedType = dtypes.Float32

// Sampler implements [Generative].
func (m *seqgan) Sampler(_ compute.Backend, store *model.Store) (Sampler, error) {
	return m.SamplerAt(store, 1)
}

// SamplerAt samples at a temperature.
func (m *seqgan) SamplerAt(store *model.Store, temperature float64) (Sampler, error) {
	cell, err := m.net.Cell(store.Scope(generatorScope))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, seeds []uint64, _ *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			w := newLSTMWriter(cell, temperature)
			for _, seed := range seeds {
				if err := ctx.Err(); err != nil {
					yield(nil, err)
					return
				}
				b := data.NewBatch(data.Spec{Fields: []data.Field{m.target}}, 1)
				w.finish(b.Columns[0].Ints, 0, nil, noise.Stream(seed, sampleNoise))
				if !yield(b, nil) {
					return
				}
			}
		}
	}, nil
}

// An lstmWriter writes texts, one at a time.
type lstmWriter struct {
	cell    *arch.LSTMCell
	cold    float64 // 1 over the temperature
	state   *arch.LSTMState
	logits  []float32
	weights []float64
}

func newLSTMWriter(c *arch.LSTMCell, temperature float64) *lstmWriter {
	return &lstmWriter{c, 1 / temperature, c.Begin(), make([]float32, c.Vocabulary), make([]float64, c.Vocabulary)}
}

// finish writes a text from its token at on; state is that after reading all tokens before the
// last of them, nil at the beginning. seen, if there is one, receives the state at each place.
func (w *lstmWriter) finish(text []int32, at int, state *arch.LSTMState, rng *rand.Rand, seen ...*arch.LSTMState) {
	last := int32(w.cell.Vocabulary)
	if at > 0 {
		last = text[at-1]
	}
	if state == nil {
		state = w.cell.Begin()
	}
	w.state.Copy(state)
	for i := at; i < len(text); i++ {
		if len(seen) > 0 {
			seen[i].Copy(w.state)
		}
		w.cell.Step(w.state, last, w.logits)
		last = w.draw(rng)
		text[i] = last
	}
}

// draw draws a token by the logits.
func (w *lstmWriter) draw(rng *rand.Rand) int32 {
	most := w.logits[0]
	for _, x := range w.logits {
		most = max(most, x)
	}
	total := 0.0
	for i, x := range w.logits {
		total += math.Exp(float64(x-most) * w.cold)
		w.weights[i] = total
	}
	at := rng.Float64() * total
	low, high := 0, len(w.weights)-1
	for low < high {
		if middle := (low + high) / 2; w.weights[middle] > at {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return int32(low)
}

// sampled adds texts of G to a batch.
func (m *seqgan) sampled(t train.Turn) error {
	column := m.samples(t.Batch.N)
	if t.Store == nil {
		t.Batch.Set(column)
		return nil
	}
	cell, err := m.net.Cell(t.Store.Scope(generatorScope))
	if err != nil {
		return err
	}
	length := m.target.Size()
	parallel(t.Batch.N, func() func(int) {
		w := newLSTMWriter(cell, 1)
		return func(i int) {
			w.finish(column.Ints[i*length:][:length], 0, nil, noise.Stream(t.Seed, rolloutNoise, uint64(t.Step), uint64(t.Index), uint64(i)))
		}
	})
	t.Batch.Set(column)
	return nil
}

// samples is the column of n texts of G.
func (m *seqgan) samples(n int) data.Column {
	field := m.target
	field.Name = sampledColumn
	return data.NewColumn(field, n)
}

// rewarded adds texts of G and the reward of each token: what D says of the text as the rollouts
// finish it after that token, less the mean of all texts at that place if there is a baseline.
func (m *seqgan) rewarded(t train.Turn) error {
	n, length := t.Batch.N, m.target.Size()
	column, rewards := m.samples(n), data.NewColumn(data.Field{Name: rewardColumn, Kind: data.Vector, Shape: []int{length}}, n)
	t.Batch.Set(column)
	t.Batch.Set(rewards)
	if t.Store == nil {
		return nil
	}
	cell, err := m.net.Cell(t.Store.Scope(generatorScope))
	if err != nil {
		return err
	}
	// Of each text, the rollouts after each token but the last, and then the text itself.
	each := (length-1)*m.Rollouts + 1
	texts := make([]int32, n*each*length)
	parallel(n, func() func(int) {
		w := newLSTMWriter(cell, 1)
		states := make([]*arch.LSTMState, length)
		for i := range states {
			states[i] = cell.Begin()
		}
		return func(i int) {
			rng := noise.Stream(t.Seed, rolloutNoise, uint64(t.Step), uint64(t.Index), uint64(i))
			text := column.Ints[i*length:][:length]
			w.finish(text, 0, nil, rng, states...)
			own := texts[i*each*length:][:each*length]
			for k := range each - 1 {
				at, copied := k/m.Rollouts+1, own[k*length:][:length]
				copy(copied, text[:at])
				w.finish(copied, at, states[at], rng)
			}
			copy(own[(each-1)*length:], text)
		}
	})
	verdicts, err := m.verdict(t, texts)
	if err != nil {
		return err
	}
	m.reward(rewards.Floats, verdicts, n)
	return nil
}

// perturbed adds the noise of the Gumbel-softmax to a batch.
func (m *seqgan) perturbed(t train.Turn) error {
	each := m.target.Size() * m.net.Vocabulary
	column := data.NewColumn(data.Field{Name: gumbelColumn, Kind: data.Vector, Shape: []int{each}}, t.Batch.N)
	parallel(t.Batch.N, func() func(int) {
		return func(i int) {
			rng := noise.Stream(t.Seed, rolloutNoise, uint64(t.Step), uint64(t.Index), uint64(i))
			for k := range column.Row(i) {
				column.Row(i)[k] = float32(-math.Log(rng.ExpFloat64()))
			}
		}
	})
	t.Batch.Set(column)
	return nil
}

// reward turns verdicts on rollouts into rewards [n, length].
func (m *seqgan) reward(rewards, verdicts []float32, n int) {
	length := m.target.Size()
	each := (length-1)*m.Rollouts + 1
	for i := range n {
		own, row := verdicts[i*each:][:each], rewards[i*length:][:length]
		for k, v := range own[:each-1] {
			row[k/m.Rollouts] += v / float32(m.Rollouts)
		}
		row[length-1] = own[each-1]
	}
	if !m.Baseline {
		return
	}
	for at := range length {
		mean := float32(0)
		for i := range n {
			mean += rewards[i*length+at] / float32(n)
		}
		for i := range n {
			rewards[i*length+at] -= mean
		}
	}
}

// parallel does n works, each by one of several workers: the work i depends on i alone.
func parallel(n int, worker func() func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var group sync.WaitGroup
	for k := range workers {
		group.Go(func() {
			do := worker()
			for i := k; i < n; i += workers {
				do(i)
			}
		})
	}
	group.Wait()
}

// A Tempered model samples at temperatures.
type Tempered interface {
	// SamplerAt samples at a temperature with the weights in the store.
	SamplerAt(store *model.Store, temperature float64) (Sampler, error)
}

// LSTMTexts are n texts of a length that a network writes; the text i depends on its seed alone.
func LSTMTexts(cell *arch.LSTMCell, n, length int, seed func(i int) uint64) [][]int32 {
	all := make([][]int32, n)
	parallel(n, func() func(int) {
		w := newLSTMWriter(cell, 1)
		return func(i int) {
			all[i] = make([]int32, length)
			w.finish(all[i], 0, nil, noise.Stream(seed(i), sampleNoise))
		}
	})
	return all
}

// LSTMLogProbability is the sum of the log-probabilities of texts, in nats.
func LSTMLogProbability(cell *arch.LSTMCell, texts [][]int32) (sum float64) {
	each := make([]float64, len(texts))
	parallel(len(texts), func() func(int) {
		logits := make([]float32, cell.Vocabulary)
		return func(i int) {
			state, last := cell.Begin(), int32(cell.Vocabulary)
			for _, token := range texts[i] {
				cell.Step(state, last, logits)
				total, most := 0.0, logits[0]
				for _, x := range logits {
					most = max(most, x)
				}
				for _, x := range logits {
					total += math.Exp(float64(x - most))
				}
				each[i] += float64(logits[token]-most) - math.Log(total)
				last = token
			}
		}
	})
	for _, x := range each {
		sum += x
	}
	return sum
}
