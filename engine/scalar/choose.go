package scalar

import (
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// Where returns the operation that selects onTrue where the boolean condition holds and onFalse
// elsewhere. The dtype is that of the values.
func Where(dtype dtypes.DType) (func(pool *threads.Pool, out, condition, onTrue, onFalse tensor.Tensor), bool) {
	switch dtype {
	case dtypes.Bool, dtypes.Int8, dtypes.Uint8:
		return liftTernary(choose[uint8])
	case dtypes.Int16, dtypes.Uint16, dtypes.Float16, dtypes.BFloat16:
		return liftTernary(choose[uint16])
	case dtypes.Int32, dtypes.Uint32, dtypes.Float32:
		return liftTernary(choose[uint32])
	case dtypes.Int64, dtypes.Uint64, dtypes.Float64:
		return liftTernary(choose[uint64])
	}
	return nil, false
}

func choose[T any](out []T, condition []bool, yes, no []T) {
	for i, c := range condition {
		if c {
			out[i] = yes[i]
		} else {
			out[i] = no[i]
		}
	}
}

// Clamp returns the operation min(max(x, low), high).
func Clamp(dtype dtypes.DType) (func(pool *threads.Pool, out, low, x, high tensor.Tensor), bool) {
	switch dtype {
	case dtypes.Int8:
		return liftTernary(clamp[int8])
	case dtypes.Int16:
		return liftTernary(clamp[int16])
	case dtypes.Int32:
		return liftTernary(clamp[int32])
	case dtypes.Int64:
		return liftTernary(clamp[int64])
	case dtypes.Uint8:
		return liftTernary(clamp[uint8])
	case dtypes.Uint16:
		return liftTernary(clamp[uint16])
	case dtypes.Uint32:
		return liftTernary(clamp[uint32])
	case dtypes.Uint64:
		return liftTernary(clamp[uint64])
	case dtypes.Float32:
		return liftTernary(clamp[float32])
	case dtypes.Float64:
		return liftTernary(clamp[float64])
	}
	if f, ok := halfFormat(dtype); ok {
		return liftTernary(f.ternary(clamp[float32]))
	}
	return nil, false
}

func clamp[T number](out, low, x, high []T) {
	for i, v := range x {
		out[i] = min(max(v, low[i]), high[i])
	}
}
