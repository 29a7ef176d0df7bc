package family

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"atelier/data"
	"atelier/model/graphs"
	"atelier/model/train"
)

// numbers returns one number per example of a batch: the first output of a network called
// on at most size examples at a time. Surplus outputs of a call are padding.
func numbers(ctx context.Context, b *data.Batch, size int, call func(part *data.Batch) ([]float32, error)) ([]float64, error) {
	all := make([]float64, 0, b.N)
	for from := 0; from < b.N; from += size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+size, b.N)
		values, err := call(b.Rows(from, to))
		if err != nil {
			return nil, err
		}
		for _, v := range values[:to-from] {
			all = append(all, float64(v))
		}
	}
	return all, nil
}

// call calls a graph on the named columns that the batch has, padded to a [graphs.Batch],
// and returns the outputs of the batch's own rows.
func call(c *graphs.Cache, b *data.Batch, names ...string) ([]float32, error) {
	size := graphs.Batch(b.N)
	var args []*tensors.Tensor
	for _, name := range names {
		column := b.Column(name)
		if column == nil {
			continue
		}
		padded := data.NewColumn(column.Field, size)
		copy(padded.Floats, column.Floats)
		copy(padded.Ints, column.Ints)
		args = append(args, train.Tensor(&padded, size))
	}
	out, err := c.Call(args...)
	if err != nil {
		return nil, err
	}
	values, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, err
	}
	return values[:len(values)/size*b.N], nil
}
