package source

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strconv"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
)

// mixtureStream is the random stream of the points.
const mixtureStream uint64 = 0x6d697874757265 // "mixture"

// checkCount rejects a setting outside 1 to most.
func checkCount(key string, n, most int) error {
	if n < 1 || n > most {
		return registry.Unfit(key, fmt.Sprintf("want 1 to %d, got %d", most, n))
	}
	return nil
}

// checkLength rejects a setting that is not positive and finite.
func checkLength(key string, v float64) error {
	if !(v > 0) || math.IsInf(v, 0) {
		return registry.Unfit(key, fmt.Sprintf("want a number above 0, got %g", v))
	}
	return nil
}

// maxPoints is the largest size of a mixture.
const maxPoints = 10_000_000

// mixturePoints yields points of an equal mixture of isotropic Gaussians: size of them for training
// and a quarter as many, but at least one, for testing. Point i depends only on i and the part.
func mixturePoints(ctx context.Context, name string, centres [][]float64, sigma float64, size int, split data.Split) iter.Seq2[data.Item, error] {
	part := uint64(0)
	if split == data.Test {
		part, size = 1, max(size/4, 1)
	}
	return func(yield func(data.Item, error) bool) {
		for i := range size {
			if err := ctx.Err(); err != nil {
				yield(data.Item{}, err)
				return
			}
			rng := noise.Stream(0, mixtureStream, part, uint64(i))
			centre := centres[rng.IntN(len(centres))]
			line := strconv.AppendFloat(nil, centre[0]+sigma*rng.NormFloat64(), 'g', -1, 64)
			line = append(line, ',')
			line = strconv.AppendFloat(line, centre[1]+sigma*rng.NormFloat64(), 'g', -1, 64)
			it := data.Item{Name: fmt.Sprintf("%s/%s/%d", name, split, i), MediaType: "text/csv", Bytes: line, Origin: data.Origin{Place: name}}
			if !yield(it, nil) {
				return
			}
		}
	}
}

// fails yields only an error.
func fails(err error) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) { yield(data.Item{}, err) }
}
