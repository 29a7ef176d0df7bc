// Package conv computes convolutions of float32 in the generality of ConvGeneral:
// any order of axes, strides, paddings, dilations of input and kernel, groups of
// channels or of the batch, up to three spatial axes. The gradients of a
// convolution are convolutions of this kind.
//
// A convolution becomes matrix products whose operands read the tensors in place:
// what lies under the kernel is packed for the product's micro-kernels straight
// from the picture. The zeros that a dilated input has between its values are
// never multiplied: outputs whose taps fall on values in the same way form a
// phase, and each phase is a product of its own (the idea of Shi and others 2016,
// arXiv:1609.07009, read backwards). Zeros beyond the edge of a picture mostly count as
// values: an infinite weight makes NaN of them.
//
// How a result is summed is fixed by the shapes apart from the size of the batch,
// unless the batch is summed over. So picture i of a batch gives the same bits as
// alone, on any number of threads.
package conv

import (
	"sync"

	"atelier/engine/product"
	"atelier/engine/simd"
	"atelier/engine/threads"
)

// An Engine runs plans on a pool of threads. It is safe for use by several
// goroutines.
type Engine struct {
	pool    *threads.Pool
	product *product.Engine
	kernels *simd.Kernels
	packer  *packer
	mu      sync.Mutex
	free    [][]float32 // scratch that was given back
}

// NewEngine returns an engine that multiplies on the given one, which has the same
// pool and path.
func NewEngine(pool *threads.Pool, path simd.Path, multiplier *product.Engine) *Engine {
	return &Engine{pool: pool, product: multiplier, kernels: simd.For(path), packer: packerFor(path)}
}

// A Finish is done when values of the output are finished, n from one on, which are
// neighbours in memory: all channels of a group of a pixel, or of pixels that follow
// one another. Several threads call it at once.
type Finish func(at, n int)

// A View is a tensor whose axes go through memory in any way, as those of a
// transposed or reversed tensor do: element (i, j, ...) is at
// Offset + i*Strides[0] + j*Strides[1] + ...
type View struct {
	Data    []float32
	Offset  int
	Strides []int // one for each axis; may be negative. Nil: row-major
}

// Kept is how many pieces of scratch an engine keeps.
const Kept = 4

// take returns n elements of scratch, whatever they hold.
func (e *Engine) take(n int) []float32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, s := range e.free {
		if cap(s) >= n {
			e.free = append(e.free[:i], e.free[i+1:]...)
			return s[:n]
		}
	}
	return make([]float32, n)
}

// give keeps scratch for later: of too many pieces, not the smallest.
func (e *Engine) give(s []float32) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.free) < Kept {
		e.free = append(e.free, s)
		return
	}
	least := 0
	for i, f := range e.free {
		if cap(f) < cap(e.free[least]) {
			least = i
		}
	}
	if cap(e.free[least]) < cap(s) {
		e.free[least] = s
	}
}
