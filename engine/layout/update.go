package layout

import (
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// DynamicSlice takes the part of in that has the shape of out and begins at starts: scalars of any
// integer type, one per axis, clamped so that the part lies within in.
func DynamicSlice(pool *threads.Pool, out, in tensor.Tensor, starts []tensor.Tensor) {
	Slice(pool, out, in, clamped(starts, in.Shape.Dimensions, out.Shape.Dimensions), nil)
}

// DynamicUpdateSlice is operand with the part at starts replaced by update. The starts are clamped
// as in [DynamicSlice]. Out may share memory with the operand: then only the part is touched.
func DynamicUpdateSlice(pool *threads.Pool, out, operand, update tensor.Tensor, starts []tensor.Tensor) {
	Copy(pool, out, operand)
	UpdateSlice(pool, out, update, starts)
}

// UpdateSlice is [DynamicUpdateSlice] where out holds the operand already: only
// the part is touched.
func UpdateSlice(pool *threads.Pool, out, update tensor.Tensor, starts []tensor.Tensor) {
	w := walk{dims: update.Shape.Dimensions, to: strides(out.Shape.Dimensions), from: strides(update.Shape.Dimensions)}
	for i, start := range clamped(starts, out.Shape.Dimensions, update.Shape.Dimensions) {
		w.toAt += start * w.to[i]
	}
	move(pool, out.Bytes, update.Bytes, elementSize(out.Shape.DType), w)
}

// clamped reads starts and clamps them so that part lies within whole.
func clamped(starts []tensor.Tensor, whole, part []int) []int {
	at := make([]int, len(starts))
	for i, s := range starts {
		at[i] = max(0, min(integers(s)[0], whole[i]-part[i]))
	}
	return at
}
