package family

import (
	"context"
	"iter"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/graphs"
	"atelier/model/train"
)

// Sampler implements [Generative]: a sample is a text of the size of an example,
// written without a prompt.
func (m *lm) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	w, err := m.Writer(backend, store)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, seeds []uint64, _ *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			for _, seed := range seeds {
				b := data.NewBatch(m.spec.Only(data.Target), 1)
				text := b.Column(data.Target).Ints[:0]
				for token, err := range w.Write(ctx, seed, nil, Plain) {
					if err != nil {
						yield(nil, err)
						return
					}
					if text = append(text, token); len(text) == cap(text) {
						break
					}
				}
				if !yield(b, nil) {
					return
				}
			}
		}
	}, nil
}

// likelySize is the batch in which examples are read.
const likelySize = 16

// Likelihood implements [Likely].
func (m *lm) Likelihood(backend compute.Backend, store *model.Store) (Likelihood, error) {
	told := graphs.New(backend, store, 1, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		read, follows := split(in[0])
		logits := m.network.Logits(store.Scope(languageScope), read)
		return graph.ReduceMean(surprise(logits, follows), 1) // [batch]
	})
	return func(ctx context.Context, b *data.Batch) ([]float64, error) {
		return numbers(ctx, b, likelySize, func(part *data.Batch) ([]float32, error) {
			padded := data.NewColumn(m.spec.Target(), likelySize)
			copy(padded.Ints, part.Column(data.Target).Ints)
			out, err := told.Call(train.Tensor(&padded, likelySize))
			if err != nil {
				return nil, err
			}
			return tensors.CopyFlatData[float32](out[0])
		})
	}, nil
}
