package layout

import (
	"fmt"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// A combination says how an update is combined with the existing value.
type combination int

const (
	sum combination = iota
	largest
	smallest
)

// A combine combines values with updates, in place; the slices have the same length.
type combine[T any] func(values, updates []T)

// real are Go's real number types.
type real interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// scatter selects the combine for the type.
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
		scatterWith(pool, floats(c), out, indices, updates, axes)
	case dtypes.Float64:
		scatterWith(pool, reals[float64](c), out, indices, updates, axes)
	case dtypes.Float16, dtypes.BFloat16:
		scatterHalves(pool, c, out, indices, updates, axes)
	default:
		panic(fmt.Sprintf("layout: scatter of %s", dtype))
	}
}

// reals is a combine of Go numbers.
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

// floats is a combine in vector code.
func floats(c combination) combine[float32] {
	k := simd.For(simd.Best())
	f := k.Add
	switch c {
	case largest:
		f = k.Max
	case smallest:
		f = k.Min
	}
	few := reals[float32](c)
	return func(values, updates []float32) {
		if len(values) < grain/2 { // not worth a call
			few(values, updates)
			return
		}
		f(values, values, updates)
	}
}

// scatterHalves computes in float32, and rounds at the end.
func scatterHalves(pool *threads.Pool, c combination, out, indices, updates tensor.Tensor, axes ScatterAxes) {
	k := simd.For(simd.Best())
	widen, narrow := k.FromFloat16, k.ToFloat16
	if out.Shape.DType == dtypes.BFloat16 {
		widen, narrow = k.FromBfloat16, k.ToBfloat16
	}
	wide := func(half tensor.Tensor) tensor.Tensor {
		t := tensor.New(shapes.Make(dtypes.Float32, half.Shape.Dimensions...))
		widen(tensor.Of[float32](t), tensor.As[uint16](half.Bytes))
		return t
	}
	sums := wide(out)
	scatterWith(pool, floats(c), sums, indices, wide(updates), axes)
	narrow(tensor.As[uint16](out.Bytes), tensor.Of[float32](sums))
}
