package reduce

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// CumSum returns the operation for cumulative sums along an axis, for a dtype. The axis is in [0,
// rank).
func CumSum(dtype dtypes.DType) (func(pool *threads.Pool, out, in tensor.Tensor, axis int, options compute.CumSumOptions), bool) {
	switch dtype {
	case dtypes.Int8:
		return accumulate[int8], true
	case dtypes.Int16:
		return accumulate[int16], true
	case dtypes.Int32:
		return accumulate[int32], true
	case dtypes.Int64:
		return accumulate[int64], true
	case dtypes.Uint8:
		return accumulate[uint8], true
	case dtypes.Uint16:
		return accumulate[uint16], true
	case dtypes.Uint32:
		return accumulate[uint32], true
	case dtypes.Uint64:
		return accumulate[uint64], true
	case dtypes.Float32:
		return accumulate[float32], true
	case dtypes.Float64:
		return accumulate[float64], true
	case dtypes.Float16, dtypes.BFloat16:
		return accumulateWide, true
	}
	return nil, false
}

func accumulate[T number](pool *threads.Pool, out, in tensor.Tensor, axis int, options compute.CumSumOptions) {
	to := tensor.As[T](out.Bytes)
	cumulative(pool, to, tensor.As[T](in.Bytes), lineOf(in.Shape.Dimensions, axis), options)
}

// accumulateWide does the same for 16-bit floats, in float32.
func accumulateWide(pool *threads.Pool, out, in tensor.Tensor, axis int, options compute.CumSumOptions) {
	values := widened(pool, in)
	cumulative(pool, values, values, lineOf(in.Shape.Dimensions, axis), options)
	formatOf(in.Shape.DType, simd.Best()).narrow(tensor.As[uint16](out.Bytes), values)
}

// cumulative accepts the same memory for input and output.
func cumulative[T number](pool *threads.Pool, out, in []T, l line, options compute.CumSumOptions) {
	l.run(pool, func(matrix, from, to int) {
		sums := make([]T, to-from)
		for i := range l.length {
			if options.Reverse {
				i = l.length - 1 - i
			}
			at := (matrix*l.length+i)*l.after + from
			values, results := in[at:at+len(sums)], out[at:at+len(sums)]
			for j, v := range values {
				before := sums[j]
				sums[j] = before + v
				results[j] = sums[j]
				if options.Exclusive {
					results[j] = before
				}
			}
		}
	})
}
