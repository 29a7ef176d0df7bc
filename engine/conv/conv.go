// Package conv computes float32 convolutions in the generality of ConvGeneral: any order of axes,
// strides, paddings, dilations of input and kernel, groups of channels or of the batch, up to three
// spatial axes. The gradients of a convolution are convolutions of this kind.
//
// A convolution is computed as matrix products whose operands read the tensors directly (implicit
// im2col): the patches under the kernel are packed for the product's micro-kernels straight from
// the picture. The zeros between the values of a dilated input are never multiplied: outputs whose
// taps fall on values in the same way form a phase, and each phase is a product of its own (the
// sub-pixel convolution of Shi et al. 2016, arXiv:1609.07009, in reverse). Zeros beyond the edge
// mostly take part in the arithmetic: an infinite weight turns them into NaN.
//
// The summation order is fixed by the shapes without the batch size, unless the sum is over the
// batch. So picture i of a batch gives the same bits as alone, on any number of threads.
package conv

import (
	"slices"
	"sync"

	"atelier/engine/product"
	"atelier/engine/simd"
	"atelier/engine/threads"
)

// An Engine runs plans on a pool of threads. It is safe for concurrent use.
type Engine struct {
	pool    *threads.Pool
	product *product.Engine
	kernels *simd.Kernels
	packer  *packer
	mu      sync.Mutex
	free    [][]float32 // free scratch buffers
}

// NewEngine returns an engine that uses the given product engine, which must have the same pool and
// path.
func NewEngine(pool *threads.Pool, path simd.Path, multiplier *product.Engine) *Engine {
	return &Engine{pool: pool, product: multiplier, kernels: simd.For(path), packer: packerFor(path)}
}

// A Finish is called when the n output values from at on are finished. They are contiguous in
// memory: all channels of a group for one pixel, or for consecutive pixels. Several threads call it
// at once.
type Finish func(at, n int)

// A View is a tensor with arbitrary strides, such as a transposed or reversed one: element (i, j,
// ...) is at Offset + i*Strides[0] + j*Strides[1] + ...
type View struct {
	Data    []float32
	Offset  int
	Strides []int // one per axis; may be negative. Nil: row-major
}

// Kept is the number of scratch buffers that an engine keeps.
const Kept = 4

// take returns n elements of scratch with arbitrary contents.
func (e *Engine) take(n int) []float32 {
	if s := e.kept(n); s != nil {
		return s[:n]
	}
	return make([]float32, n) // outside the lock
}

// kept returns a free scratch buffer that is large enough, or nil.
func (e *Engine) kept(n int) []float32 {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := slices.IndexFunc(e.free, func(s []float32) bool { return cap(s) >= n })
	if at < 0 {
		return nil
	}
	s := e.free[at]
	e.free = slices.Delete(e.free, at, at+1)
	return s
}

// give returns a scratch buffer for reuse; if there are too many, the smallest is dropped.
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
