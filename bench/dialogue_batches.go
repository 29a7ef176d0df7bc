package bench

import (
	"context"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/family"
)

// A textBatches yields texts of one length, in another order each epoch.
type textBatches struct {
	spec     data.Spec
	texts    [][]int32
	size     int
	seed     uint64
	position uint64
}

// textOrder is the key of the random numbers of the order.
const textOrder = 3

// Position implements [train.Batches].
func (b *textBatches) Position() uint64 { return b.position }

// Next implements [train.Batches].
func (b *textBatches) Next(context.Context) (*data.Batch, error) {
	each := uint64(len(b.texts) / b.size)
	order := noise.Stream(b.seed, textOrder, b.position/each).Perm(len(b.texts))
	out := data.NewBatch(b.spec, b.size)
	for i := range b.size {
		copy(out.Columns[0].Tokens(i), b.texts[order[int(b.position%each)*b.size+i]])
	}
	b.position++
	return out, nil
}

// written are n texts that a model writes at a temperature, with the seeds from 0 on.
func written(ctx context.Context, m family.Tempered, store *model.Store, temperature float64, n int) (texts [][]int32, err error) {
	sampler, err := m.SamplerAt(store, temperature)
	if err != nil {
		return nil, err
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = uint64(i)
	}
	for b, err := range sampler(ctx, seeds, nil) {
		if err != nil {
			return nil, err
		}
		texts = append(texts, b.Columns[0].Ints)
	}
	return texts, nil
}
