package layout

import (
	"slices"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute"
)

// Pad pads with value, a scalar, around and between the elements of in: padding[i] gives the number
// before the first, after the last and between neighbours of axis i. Negative numbers before and
// after remove elements (or padding between them). Axes without an entry are not padded.
func Pad(pool *threads.Pool, out, in, value tensor.Tensor, padding []compute.PadAxis) {
	size := elementSize(out.Shape.DType)
	dims := out.Shape.Dimensions
	to, from := strides(dims), strides(in.Shape.Dimensions)
	kept := walk{dims: slices.Clone(in.Shape.Dimensions), to: slices.Clone(to), from: from}
	between := false
	first := make([]int, len(dims)) // offset of the kept elements in out
	for i := range padding {
		n, step := in.Shape.Dimensions[i], padding[i].Interior+1
		lo := max(0, ceil(-padding[i].Start, step))
		hi := min(n, ceil(dims[i]-padding[i].Start, step))
		kept.dims[i] = max(0, hi-lo)
		first[i] = padding[i].Start + lo*step
		kept.toAt += first[i] * to[i]
		kept.fromAt += lo * from[i]
		kept.to[i] *= step
		between = between || step > 1
	}
	nothing := make([]int, len(dims))
	whole := walk{dims: slices.Clone(dims), to: to, from: nothing}
	if between || kept.size() == 0 {
		move(pool, out.Bytes, value.Bytes, size, whole)
	} else {
		for i, n := range kept.dims {
			move(pool, out.Bytes, value.Bytes, size, whole.part(i, 0, first[i]))
			move(pool, out.Bytes, value.Bytes, size, whole.part(i, first[i]+n, dims[i]))
			whole = whole.part(i, first[i], first[i]+n)
		}
	}
	move(pool, out.Bytes, in.Bytes, size, kept)
}

// ceil is a/b rounded up, b > 0.
func ceil(a, b int) int {
	if a <= 0 {
		return -(-a / b)
	}
	return (a + b - 1) / b
}
