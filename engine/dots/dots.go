// Package dots multiplies few vectors by large, possibly quantized matrices: the products of a
// language model that runs without a graph.
//
// Each result depends only on its vector and the matrix, not on the number of vectors or threads:
// the summation order is fixed. With quantized matrices it is even the same on every path, because
// products of small integers are summed exactly, and the scales are applied in block order.
package dots

import (
	"fmt"
	"sync"

	"atelier/engine/simd"
	"atelier/engine/threads"
	"atelier/internal/quant"
)

// Dots multiplies with the kernels of a path, on several threads. It is safe for concurrent use.
type Dots struct {
	*kernels
	vectors  *simd.Kernels
	n        int // threads
	start    sync.Once
	pool     *threads.Pool
	products sync.Pool // of *product, for reuse of their memory
}

// New returns a Dots for a path with the given number of threads, which start on first use.
func New(path simd.Path, n int) *Dots {
	d := &Dots{kernels: kernelsFor(path), vectors: simd.For(path), n: max(n, 1)}
	d.products.New = func() any { return newProduct(d) }
	return d
}

// Run runs every task in [0, tasks) once, in any order and on several threads, and returns when all
// are done.
func (d *Dots) Run(tasks int, work func(worker, task int)) {
	d.start.Do(func() { d.pool = threads.New(d.n) })
	d.pool.Run(tasks, work)
}

// Threads is the number of tasks that run at once.
func (d *Dots) Threads() int { return d.n }

// Close ends the threads. Tasks of later Runs run in the caller.
func (d *Dots) Close() {
	d.start.Do(func() { d.pool = threads.Single() })
	d.pool.Close()
}

// Multiply sets each dst [rows, m.Rows] to x [rows, m.Cols] · mᵀ, of matrices that have as many columns
// each. If m is quantized, x is first quantized to 8 bits in blocks of 32; a block with a value that
// is not finite makes the results NaN.
func (d *Dots) Multiply(dst [][]float32, x []float32, rows int, all []quant.Matrix) {
	for i, m := range all {
		if rows < 0 || len(dst[i]) != rows*m.Rows || len(x) != rows*m.Cols {
			panic(fmt.Sprintf("dots: %d numbers as %d rows of %d; %d as %d of %d", len(x), rows, m.Cols, len(dst[i]), rows, m.Rows))
		}
	}
	if rows == 0 {
		return
	}
	p := d.products.Get().(*product)
	for i, m := range all {
		p.add(dst[i], m)
		if i+1 == len(all) || all[i+1].Type != m.Type { // a product is of one type
			p.multiply(x, rows)
		}
	}
	d.products.Put(p)
}
