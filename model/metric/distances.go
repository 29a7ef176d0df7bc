package metric

import (
	"fmt"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"atelier/model/feature"
)

// blockRows is the number of rows whose inner products with all others are in memory at once.
const blockRows = 64

// eachRow calls f(i, products) for every point i of a, with its inner products
// with the points of b [b.N]. Calls run on several goroutines, one per row, and
// the products are valid until f returns.
func eachRow(a, b feature.Points, f func(i int, products []float64)) {
	blocks := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			products := make([]float64, blockRows*b.N)
			for from := range blocks {
				rows := min(blockRows, a.N-from)
				blas64.Gemm(blas.NoTrans, blas.Trans, 1,
					general(a, from, rows), general(b, 0, b.N), 0,
					blas64.General{Rows: rows, Cols: b.N, Stride: b.N, Data: products})
				for r := range rows {
					f(from+r, products[r*b.N:(r+1)*b.N])
				}
			}
		})
	}
	for from := 0; from < a.N; from += blockRows {
		blocks <- from
	}
	close(blocks)
	wg.Wait()
}

func general(p feature.Points, from, rows int) blas64.General {
	return blas64.General{Rows: rows, Cols: p.Width, Stride: p.Width, Data: p.Features[from*p.Width : (from+rows)*p.Width]}
}

// eachDistances calls f(i, squares) for every point i of a, with its squared distances to the
// points of b [b.N], like eachRow. Distances come from inner products, or from differences where
// cancellation would spoil them.
func eachDistances(a, b feature.Points, f func(i int, squares []float64)) {
	na, nb := norms(a), norms(b)
	eachRow(a, b, func(i int, d []float64) {
		for j, product := range d {
			sum := na[i] + nb[j]
			d[j] = sum - 2*product
			if d[j] < 1e-4*sum {
				l := floats.Distance(a.Row(i), b.Row(j), 2)
				d[j] = l * l
			}
		}
		f(i, d)
	})
}

// norms returns the squared lengths of the points.
func norms(p feature.Points) []float64 {
	out := make([]float64, p.N)
	for i := range out {
		out[i] = floats.Dot(p.Row(i), p.Row(i))
	}
	return out
}

// comparable returns an error unless both sets have at least least points, of the same width.
func comparable(a, b feature.Points, least int) error {
	if a.Width != b.Width || a.Width == 0 {
		return fmt.Errorf("points of width %d and %d cannot be compared", a.Width, b.Width)
	}
	if n := min(a.N, b.N); n < least {
		return fmt.Errorf("%w: %d points of each set are needed, there are %d", ErrNotApplicable, least, n)
	}
	return nil
}
