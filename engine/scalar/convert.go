package scalar

import (
	"sync"

	"github.com/gomlx/compute/dtypes"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// Convert returns the operation that converts values of one dtype to another.
func Convert(from, to dtypes.DType) (func(pool *threads.Pool, out, in tensor.Tensor), bool) {
	switch from {
	case dtypes.Bool:
		return convertInteger[uint8](to) // 0 and 1
	case dtypes.Int8:
		return convertInteger[int8](to)
	case dtypes.Int16:
		return convertInteger[int16](to)
	case dtypes.Int32:
		return convertInteger[int32](to)
	case dtypes.Int64:
		return convertInteger[int64](to)
	case dtypes.Uint8:
		return convertInteger[uint8](to)
	case dtypes.Uint16:
		return convertInteger[uint16](to)
	case dtypes.Uint32:
		return convertInteger[uint32](to)
	case dtypes.Uint64:
		return convertInteger[uint64](to)
	case dtypes.Float32:
		if f, ok := halfFormat(to); ok {
			return liftUnary(f.narrow)
		}
		return convertFloat(same[float32], to)
	case dtypes.Float64:
		return convertFloat(same[float64], to)
	}
	f, ok := halfFormat(from)
	switch {
	case !ok:
		return nil, false
	case from == to:
		return liftUnary(same[uint16])
	case to == dtypes.Float32:
		return liftUnary(f.widen)
	}
	return convertFloat(f.widen, to)
}

// convertInteger converts integers, or booleans as bytes.
func convertInteger[From integer](to dtypes.DType) (unary, bool) {
	switch to {
	case dtypes.Bool:
		return liftUnary(truth[From])
	case dtypes.Int8:
		return liftUnary(wrap[int8, From])
	case dtypes.Int16:
		return liftUnary(wrap[int16, From])
	case dtypes.Int32:
		return liftUnary(wrap[int32, From])
	case dtypes.Int64:
		return liftUnary(wrap[int64, From])
	case dtypes.Uint8:
		return liftUnary(wrap[uint8, From])
	case dtypes.Uint16:
		return liftUnary(wrap[uint16, From])
	case dtypes.Uint32:
		return liftUnary(wrap[uint32, From])
	case dtypes.Uint64:
		return liftUnary(wrap[uint64, From])
	case dtypes.Float32:
		return liftUnary(wrap[float32, From])
	case dtypes.Float64:
		return liftUnary(wrap[float64, From])
	}
	if f, ok := halfFormat(to); ok {
		return liftUnary(through(wrap[float32, From], f.narrow))
	}
	return nil, false
}

// convertFloat converts values that read turns into floats.
func convertFloat[F float, From any](read func(out []F, in []From), to dtypes.DType) (unary, bool) {
	switch to {
	case dtypes.Bool:
		return liftUnary(through(read, truth[F]))
	case dtypes.Int8:
		return liftUnary(through(read, saturate[int8, F]))
	case dtypes.Int16:
		return liftUnary(through(read, saturate[int16, F]))
	case dtypes.Int32:
		return liftUnary(through(read, saturate[int32, F]))
	case dtypes.Int64:
		return liftUnary(through(read, saturate[int64, F]))
	case dtypes.Uint8:
		return liftUnary(through(read, saturate[uint8, F]))
	case dtypes.Uint16:
		return liftUnary(through(read, saturate[uint16, F]))
	case dtypes.Uint32:
		return liftUnary(through(read, saturate[uint32, F]))
	case dtypes.Uint64:
		return liftUnary(through(read, saturate[uint64, F]))
	case dtypes.Float32:
		return liftUnary(through(read, wrap[float32, F]))
	case dtypes.Float64:
		return liftUnary(through(read, wrap[float64, F]))
	}
	if f, ok := halfFormat(to); ok {
		return liftUnary(through(through(read, wrap[float32, F]), f.narrow))
	}
	return nil, false
}

// through composes two kernels, with a tile of values between them.
func through[To, Between, From any](first func([]Between, []From), second func([]To, []Between)) func([]To, []From) {
	tiles := sync.Pool{New: func() any { return new([tile]Between) }}
	return func(out []To, in []From) {
		t := tiles.Get().(*[tile]Between)
		defer tiles.Put(t)
		first(t[:len(in)], in)
		second(out, t[:len(in)])
	}
}

func truth[T number](out []bool, in []T) {
	for i, x := range in {
		out[i] = x != 0
	}
}

// wrap is Go's conversion: integers wrap around, floats round to nearest even.
func wrap[To, From number](out []To, in []From) {
	out = out[:len(in)]
	for i, x := range in {
		out[i] = To(x)
	}
}

// saturate clamps values outside the range of the type.
func saturate[To integer, From float](out []To, in []From) {
	lowest, highest := limits[To]()
	low, high := From(lowest), 2*From(highest/2+1)
	for i, x := range in {
		switch {
		case x >= high: // values between highest and highest+1 are truncated below
			out[i] = highest
		case x <= low:
			out[i] = lowest
		case x != x:
			out[i] = 0
		default:
			out[i] = To(x)
		}
	}
}

// limits returns the lowest and the highest value of an integer type.
func limits[T integer]() (lowest, highest T) {
	if ^T(0) > 0 {
		return 0, ^T(0)
	}
	lowest = T(1) << (width[T]() - 1)
	return lowest, ^lowest
}
