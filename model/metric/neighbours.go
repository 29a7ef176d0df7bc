package metric

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
	"atelier/model/feature"
)

// Nearest returns the k known examples nearest to x, nearest first, ties in order, and
// their squared Euclidean distances; fewer if there are fewer.
func Nearest(x []float32, known *data.Column, k int) (indices []int, squares []float64) {
	limit := math.Inf(1)
	for j := range len(known.Floats) / len(x) {
		d := squareBelow(x, known.Row(j), limit)
		if len(squares) == k && d >= limit {
			continue
		}
		at, _ := slices.BinarySearchFunc(squares, d, func(a, b float64) int { return cmp.Or(cmp.Compare(a, b), -1) })
		indices, squares = slices.Insert(indices, at, j), slices.Insert(squares, at, d)
		if len(squares) > k {
			indices, squares = indices[:k], squares[:k]
		}
		if len(squares) == k {
			limit = squares[k-1]
		}
	}
	return indices, squares
}

// NearestPoints returns the k known points that are nearest to a point, as [Nearest] does.
func NearestPoints(x []float64, known feature.Points, k int) []int {
	distances, indices := make([]float64, known.N), make([]int, known.N)
	for i := range indices {
		distances[i], indices[i] = floats.Distance(x, known.Row(i), 2), i
	}
	slices.SortStableFunc(indices, func(i, j int) int { return cmp.Compare(distances[i], distances[j]) })
	return indices[:min(k, len(indices))]
}

// squareBelow returns the squared distance of x and y or, once it is known to reach the limit, any
// number that does.
func squareBelow(x, y []float32, limit float64) float64 {
	const step = 32
	sum := 0.0
	for len(x) > 0 && sum < limit {
		n := min(step, len(x))
		var a, b float32
		i := 0
		for ; i+1 < n; i += 2 {
			d, e := x[i]-y[i], x[i+1]-y[i+1]
			a += d * d
			b += e * e
		}
		if i < n {
			a += (x[i] - y[i]) * (x[i] - y[i])
		}
		sum += float64(a + b)
		x, y = x[n:], y[n:]
	}
	return sum
}

// onThreads calls f for every i below n, concurrently, and returns when all are done, or with the
// context's error when those in progress are.
func onThreads(ctx context.Context, n int, f func(i int)) error {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && ctx.Err() == nil; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
