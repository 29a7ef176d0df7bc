package scalar

import (
	"fmt"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// liftUnary turns a kernel for slices of equal length into an operation on tensors, or returns nil
// if the kernel is nil.
func liftUnary[O, I any](kernel func(out []O, in []I)) (unary, bool) {
	if kernel == nil {
		return nil, false
	}
	return func(pool *threads.Pool, out, in tensor.Tensor) {
		to, of := tensor.As[O](out.Bytes), tensor.As[I](in.Bytes)
		if len(to) != len(of) {
			panic(fmt.Sprintf("scalar: %d values become %d", len(of), len(to)))
		}
		blocks(pool, len(to), func(from, end int) {
			tiles(from, end, func(from, end int) { kernel(to[from:end], of[from:end]) })
		})
	}, true
}

// liftBinary does the same with two operands, which are broadcast to the output's shape.
func liftBinary[O, I any](kernel func(out []O, a, b []I)) (binary, bool) {
	if kernel == nil {
		return nil, false
	}
	return func(pool *threads.Pool, out, lhs, rhs tensor.Tensor) {
		to := tensor.As[O](out.Bytes)
		a, b := newColumn[I](lhs, out.Shape), newColumn[I](rhs, out.Shape)
		blocks(pool, len(to), func(from, end int) {
			a, b := a.from(from), b.from(from)
			tiles(from, end, func(from, end int) {
				kernel(to[from:end], a.read(end-from), b.read(end-from))
			})
		})
	}, true
}

// liftTernary does the same with three operands.
func liftTernary[O, A any](kernel func(out []O, a []A, b, c []O)) (ternary, bool) {
	if kernel == nil {
		return nil, false
	}
	return func(pool *threads.Pool, out, first, second, third tensor.Tensor) {
		to := tensor.As[O](out.Bytes)
		a := newColumn[A](first, out.Shape)
		b, c := newColumn[O](second, out.Shape), newColumn[O](third, out.Shape)
		blocks(pool, len(to), func(from, end int) {
			a, b, c := a.from(from), b.from(from), c.from(from)
			tiles(from, end, func(from, end int) {
				n := end - from
				kernel(to[from:end], a.read(n), b.read(n), c.read(n))
			})
		})
	}, true
}
