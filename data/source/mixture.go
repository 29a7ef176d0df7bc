package source

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strconv"

	"atelier/data"
	"atelier/internal/noise"
)

// mixtureStream is the purpose that the points are drawn for.
const mixtureStream uint64 = 0x6d697874757265 // "mixture"

// checkMixture refuses settings that no points can be drawn with.
func checkMixture(name string, modes int, spread, sigma float64, size int) error {
	switch {
	case modes < 1 || modes > 10_000:
		return fmt.Errorf("%s: %d modes; there must be between 1 and 10,000", name, modes)
	case !(spread > 0) || math.IsInf(spread, 0):
		return fmt.Errorf("%s: the distance between modes is %g; it must be positive", name, spread)
	case !(sigma > 0) || math.IsInf(sigma, 0):
		return fmt.Errorf("%s: sigma is %g; it must be positive", name, sigma)
	case size < 1 || size > 10_000_000:
		return fmt.Errorf("%s: size is %d; it must be between 1 and 10,000,000", name, size)
	}
	return nil
}

// mixturePoints yields points of an equal mixture of round Gaussians: size of
// them to train on and a quarter as many, but at least one, to measure against.
// Point i depends on i and the split alone.
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

// fails yields nothing but an error.
func fails(err error) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) { yield(data.Item{}, err) }
}
