package family

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"atelier/data"
)

// numbers returns a number of each example of a batch: the first output of a network
// that is called on at most size examples at a time. What a call returns beyond the
// examples that it was given is padding.
func numbers(ctx context.Context, b *data.Batch, size int, call func(part *data.Batch) ([]*tensors.Tensor, error)) ([]float64, error) {
	all := make([]float64, 0, b.N)
	for from := 0; from < b.N; from += size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+size, b.N)
		out, err := call(b.Rows(from, to))
		if err != nil {
			return nil, err
		}
		values, err := tensors.CopyFlatData[float32](out[0])
		if err != nil {
			return nil, err
		}
		for _, v := range values[:to-from] {
			all = append(all, float64(v))
		}
	}
	return all, nil
}
