package layout

import (
	"fmt"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// Iota numbers the elements along an axis: 0, 1, 2, ...
func Iota(pool *threads.Pool, out tensor.Tensor, axis int) {
	dims := out.Shape.Dimensions
	from := make([]int, len(dims))
	from[axis] = 1
	shape := out.Shape.Clone()
	shape.Dimensions, shape.AxisNames = []int{dims[axis]}, nil
	row := tensor.New(shape)
	number(row)
	moveAll(pool, out, row, from, 0)
}

// number fills a vector with 0, 1, 2, ...
func number(t tensor.Tensor) {
	switch t.Shape.DType {
	case dtypes.Int8:
		count[int8](t)
	case dtypes.Int16:
		count[int16](t)
	case dtypes.Int32:
		count[int32](t)
	case dtypes.Int64:
		count[int64](t)
	case dtypes.Uint8:
		count[uint8](t)
	case dtypes.Uint16:
		count[uint16](t)
	case dtypes.Uint32:
		count[uint32](t)
	case dtypes.Uint64:
		count[uint64](t)
	case dtypes.Float32:
		count[float32](t)
	case dtypes.Float64:
		count[float64](t)
	case dtypes.Float16:
		countBy(t, func(i int) float16.Float16 { return float16.FromFloat32(float32(i)) })
	case dtypes.BFloat16:
		countBy(t, func(i int) bfloat16.BFloat16 { return bfloat16.FromFloat32(float32(i)) })
	case dtypes.Complex64:
		countBy(t, func(i int) complex64 { return complex(float32(i), 0) })
	case dtypes.Complex128:
		countBy(t, func(i int) complex128 { return complex(float64(i), 0) })
	default:
		panic(fmt.Sprintf("layout: iota of %s", t.Shape.DType))
	}
}

func count[T real](t tensor.Tensor) { countBy(t, func(i int) T { return T(i) }) }

func countBy[T any](t tensor.Tensor, value func(i int) T) {
	to := tensor.As[T](t.Bytes)
	for i := range to {
		to[i] = value(i)
	}
}
