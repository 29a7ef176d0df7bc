package layout

import (
	"slices"
	"unsafe"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// Copy copies values; the shapes may differ in dimensions, not in size. If out and in share memory,
// nothing is done.
func Copy(pool *threads.Pool, out, in tensor.Tensor) {
	if unsafe.SliceData(out.Bytes) == unsafe.SliceData(in.Bytes) {
		return
	}
	move(pool, out.Bytes, in.Bytes, 1, walk{dims: []int{len(out.Bytes)}, to: []int{1}, from: []int{1}})
}

// Transpose makes axis i of out from axis permutation[i] of in.
func Transpose(pool *threads.Pool, out, in tensor.Tensor, permutation []int) {
	inStrides := strides(in.Shape.Dimensions)
	from := make([]int, len(permutation))
	for i, axis := range permutation {
		from[i] = inStrides[axis]
	}
	moveAll(pool, out, in, from, 0)
}

// Broadcast broadcasts in: its axis i becomes axis axes[i] of out, and is repeated if it has size 1
// and out's is larger. Axes of out that are not in axes are repetitions. (compute's
// BroadcastInDim.)
func Broadcast(pool *threads.Pool, out, in tensor.Tensor, axes []int) {
	from := make([]int, out.Shape.Rank())
	for i, step := range strides(in.Shape.Dimensions) {
		if in.Shape.Dimensions[i] != 1 {
			from[axes[i]] = step
		}
	}
	moveAll(pool, out, in, from, 0)
}

// Slice takes every steps[i]-th element of axis i from starts[i] on, as many as out has. If steps
// is nil, all are 1.
func Slice(pool *threads.Pool, out, in tensor.Tensor, starts, steps []int) {
	from := strides(in.Shape.Dimensions)
	at := 0
	for i, step := range from {
		at += starts[i] * step
		if steps != nil {
			from[i] *= steps[i]
		}
	}
	moveAll(pool, out, in, from, at)
}

// Reverse reverses the order of elements along the axes.
func Reverse(pool *threads.Pool, out, in tensor.Tensor, axes []int) {
	from := strides(in.Shape.Dimensions)
	at := 0
	for i, d := range in.Shape.Dimensions {
		if slices.Contains(axes, i) {
			at += (d - 1) * from[i]
			from[i] = -from[i]
		}
	}
	moveAll(pool, out, in, from, at)
}

// Concatenate joins the operands along the axis.
func Concatenate(pool *threads.Pool, out tensor.Tensor, axis int, operands ...tensor.Tensor) {
	to := strides(out.Shape.Dimensions)
	at := 0
	for _, in := range operands {
		move(pool, out.Bytes, in.Bytes, elementSize(out.Shape.DType), walk{
			dims: in.Shape.Dimensions,
			to:   to, toAt: at * to[axis],
			from: strides(in.Shape.Dimensions),
		})
		at += in.Shape.Dimensions[axis]
	}
}

// moveAll fills out, in order, from elements of in.
func moveAll(pool *threads.Pool, out, in tensor.Tensor, from []int, at int) {
	dims := out.Shape.Dimensions
	move(pool, out.Bytes, in.Bytes, elementSize(out.Shape.DType), walk{dims: dims, to: strides(dims), from: from, fromAt: at})
}
