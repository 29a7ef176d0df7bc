// Package product multiplies float32 matrices.
//
// Every element of a result is summed in one order, whatever the shape of the product, the layout
// of its operands and the number of threads: the depth is divided into blocks of [BlockDepth],
// within a block the products are added one after the other (rounded once on AVX-512, AVX2 and
// NEON, which thus agree to the last bit; rounded twice in portable Go), and the sums of the blocks
// are added in order. So a row of a product has the same bits as the product of that row alone.
//
// The method is that of Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication
// (2008): operands are packed into panels; a micro-kernel takes one panel of each side and keeps a
// tile of the result in registers.
package product

//go:generate go run ./gen -dir .

import (
	"fmt"

	"atelier/engine/simd"
	"atelier/engine/threads"
)

// BlockDepth is the number of products summed before the sum is added to C.
const BlockDepth = 512

// An Operand is one side of a product: numbered vectors of length K. It is used by several threads
// at once.
type Operand interface {
	// Pack packs a panel for the micro-kernel: dst[p*width+i] = element first+p of vector v+i, for
	// p < depth and i < n, and 0 for n <= i < width. dst has depth*width elements; n is at least 1,
	// and at most width.
	Pack(dst []float32, width, v, n, first, depth int)
}

// A PanelOperand packs several panels at once, which is cheaper if vectors are adjacent in memory.
type PanelOperand interface {
	Operand

	// PackPanels packs n vectors from v on, whole panels, over the packing's depth of
	// elements from first on.
	PackPanels(to Packing, v, n, first int)
}

// A Product is C = A times B transposed: C[i, j] is the dot product of vector i of A and vector j
// of B. C is overwritten; it must not overlap the operands.
type Product struct {
	M, N, K int
	A, B    Operand         // A: M vectors (rows), B: N vectors (columns), of length K
	C       []float32       // [M, N], each row contiguous
	Row     func(i int) int // offset of row i in C; nil: i*N
	Finish  func(at, n int) // called when C[at:at+n] is finished, a row or a part of one or consecutive rows; nil: nothing. Several threads call it at once
}

// An Engine multiplies on a pool of threads, with the kernels of one path. It is safe for
// concurrent use.
type Engine struct {
	pool   *threads.Pool
	kernel *kernel
	spaces spaces
	shared int // largest number of elements of the shared panels
}

// New returns an engine. It panics if this processor does not support the path.
func New(pool *threads.Pool, path simd.Path) *Engine {
	return &Engine{pool: pool, kernel: kernelFor(path), shared: sharedSize}
}

// Multiply computes a product. It panics if the operands or C are too short.
func (e *Engine) Multiply(p Product) {
	p.check()
	switch {
	case p.trivial():
	case e.narrow(&p):
		e.turned(&p)
	default:
		e.chunks(p)
	}
}

// Batch computes n products that do not overlap in C, all of one size; at returns each of them and
// is called by several threads. The products are distributed over the threads, unless they are few
// and large: then all threads work on one after the other.
func (e *Engine) Batch(n int, at func(i int) Product) {
	if n == 0 {
		return
	}
	p := at(0)
	p.check()
	if n < fewProducts*e.pool.Size() && p.M*p.N*p.K >= hugeProduct {
		for i := range n {
			e.Multiply(at(i))
		}
		return
	}
	// A nested Run runs in its caller alone.
	e.poolFor(n*p.M*p.N*p.K).Run(n, func(_, i int) { e.Multiply(at(i)) })
}

const (
	largeProduct = 1 << 19 // multiplications from which all threads are used
	hugeProduct  = 1 << 23 // multiplications that keep all threads busy
	fewProducts  = 8       // per thread: with fewer, the load is unbalanced
)

// poolFor returns the threads for a number of multiplications.
func (e *Engine) poolFor(multiplications int) *threads.Pool {
	if multiplications < largeProduct {
		return threads.Single()
	}
	return e.pool
}

func (p *Product) check() {
	if p.M < 0 || p.N < 0 || p.K < 0 {
		panic(fmt.Sprintf("product: %d x %d x %d", p.M, p.N, p.K))
	}
	if p.Row == nil && p.M*p.N > len(p.C) {
		panic(fmt.Sprintf("product: a result of %d x %d in %d elements", p.M, p.N, len(p.C)))
	}
	if b, ok := p.B.(*Packed); ok && (p.N > b.n || p.K != b.depth) {
		panic(fmt.Sprintf("product: %d columns of a depth of %d from %d packed vectors of %d", p.N, p.K, b.n, b.depth))
	}
}

// row is the offset of row i in C.
func (p *Product) row(i int) int {
	if p.Row == nil {
		return i * p.N
	}
	return p.Row(i)
}

// finish reports the finished values of a part of C.
func (p *Product) finish(row, rows, col, cols int) {
	if p.Finish == nil {
		return
	}
	for i := row; i < row+rows; {
		at, n := p.row(i)+col, cols
		for i++; i < row+rows && cols == p.N && p.row(i) == at+n; i++ {
			n += cols
		}
		p.Finish(at, n)
	}
}

// trivial handles products without a depth, and reports whether nothing is left to do.
func (p *Product) trivial() bool {
	if p.M == 0 || p.N == 0 {
		return true
	}
	if p.K > 0 {
		return false
	}
	for i := range p.M {
		clear(p.C[p.row(i):][:p.N])
	}
	p.finish(0, p.M, 0, p.N)
	return true
}
