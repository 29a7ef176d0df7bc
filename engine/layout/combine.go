package layout

import (
	"fmt"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// A combination says how an update meets the value that is there.
type combination int

const (
	sum combination = iota
	largest
	smallest
)

// A combine replaces each value by its combination with the update beside it; the
// slices have one length.
type combine[T any] func(values, updates []T)

// real are the types of Go that hold real numbers.
type real interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// scatter finds the combine for the type.
func scatter(pool *threads.Pool, c combination, out, operand, indices, updates tensor.Tensor, axes ScatterAxes) {
	Copy(pool, out, operand)
	if out.Shape.Size() == 0 || updates.Shape.Size() == 0 {
		return
	}
	switch dtype := out.Shape.DType; dtype {
	case dtypes.Int8:
		scatterWith(pool, reals[int8](c), out, indices, updates, axes)
	case dtypes.Int16:
		scatterWith(pool, reals[int16](c), out, indices, updates, axes)
	case dtypes.Int32:
		scatterWith(pool, reals[int32](c), out, indices, updates, axes)
	case dtypes.Int64:
		scatterWith(pool, reals[int64](c), out, indices, updates, axes)
	case dtypes.Uint8:
		scatterWith(pool, reals[uint8](c), out, indices, updates, axes)
	case dtypes.Uint16:
		scatterWith(pool, reals[uint16](c), out, indices, updates, axes)
	case dtypes.Uint32:
		scatterWith(pool, reals[uint32](c), out, indices, updates, axes)
	case dtypes.Uint64:
		scatterWith(pool, reals[uint64](c), out, indices, updates, axes)
	case dtypes.Float32:
		scatterWith(pool, reals[float32](c), out, indices, updates, axes)
	case dtypes.Float64:
		scatterWith(pool, reals[float64](c), out, indices, updates, axes)
	case dtypes.Float16:
		scatterWith(pool, halves(c, float16.FromFloat32), out, indices, updates, axes)
	case dtypes.BFloat16:
		scatterWith(pool, halves(c, bfloat16.FromFloat32), out, indices, updates, axes)
	default:
		panic(fmt.Sprintf("layout: scatter of %s", dtype))
	}
}

// reals is a combine of numbers that Go computes with.
func reals[T real](c combination) combine[T] {
	switch c {
	case largest:
		return func(values, updates []T) {
			for i, u := range updates {
				values[i] = max(values[i], u)
			}
		}
	case smallest:
		return func(values, updates []T) {
			for i, u := range updates {
				values[i] = min(values[i], u)
			}
		}
	}
	return func(values, updates []T) {
		for i, u := range updates {
			values[i] += u
		}
	}
}

// halves is a combine of numbers that are computed with as float32 and rounded
// after each operation.
func halves[T interface{ Float32() float32 }](c combination, round func(float32) T) combine[T] {
	f := func(a, b float32) float32 { return a + b }
	switch c {
	case largest:
		f = func(a, b float32) float32 { return max(a, b) }
	case smallest:
		f = func(a, b float32) float32 { return min(a, b) }
	}
	return func(values, updates []T) {
		for i, u := range updates {
			values[i] = round(f(values[i].Float32(), u.Float32()))
		}
	}
}
