// Package reduce reduces axes: sums, products, extremes and logic, the index of extremes, and
// cumulative sums along an axis.
//
// The order of operations is fixed by the shape of what is reduced, never by the number of threads
// nor by the sizes of the axes before the first reduced one: an item of a batch gives the same bits
// as alone. Long reductions are divided into parts that are combined in order, so that errors of
// float sums grow slowly. NaN propagates, through Max and Min too.
//
// Operations are looked up by type: the function found fills all of its output, whose shape the
// caller has determined and which does not overlap the input. 16-bit floats are accumulated as
// float32 and rounded once. Complex and sub-byte types are not supported.
package reduce

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// A reducer reduces over axes. Without axes it reduces over all of them, but if the output has the
// input's rank it copies.
type reducer = func(pool *threads.Pool, out, in tensor.Tensor, axes []int)

// Reduce returns the reduction of a dtype, if there is one: ReduceSum and ReduceProduct of numbers,
// ReduceMax and ReduceMin of numbers and booleans (false < true), ReduceBitwiseAnd, Or and Xor of
// integers, ReduceLogicalAnd, Or and Xor of booleans. An empty reduction gives the operation's
// identity: 0, 1, the lowest or the highest value (infinite for floats), all bits, or none. Axes
// are in [0, rank), each once, in any order.
func Reduce(op compute.OpType, dtype dtypes.DType, path simd.Path) (func(pool *threads.Pool, out, in tensor.Tensor, axes []int), bool) {
	switch dtype {
	case dtypes.Bool:
		return lift(plain(ofBool(op)))
	case dtypes.Int8:
		return lift(plain(ofInteger[int8](op)))
	case dtypes.Int16:
		return lift(plain(ofInteger[int16](op)))
	case dtypes.Int32:
		return lift(plain(ofInteger[int32](op)))
	case dtypes.Int64:
		return lift(plain(ofInteger[int64](op)))
	case dtypes.Uint8:
		return lift(plain(ofInteger[uint8](op)))
	case dtypes.Uint16:
		return lift(plain(ofInteger[uint16](op)))
	case dtypes.Uint32:
		return lift(plain(ofInteger[uint32](op)))
	case dtypes.Uint64:
		return lift(plain(ofInteger[uint64](op)))
	case dtypes.Float64:
		return lift(plain(ofFloat[float64](op)))
	case dtypes.Float32:
		return lift(vector(op, simd.For(path)))
	case dtypes.Float16, dtypes.BFloat16:
		return lift(narrowed(vector(op, simd.For(path)), formatOf(dtype, path)))
	}
	return nil, false
}

// lift turns a reduction of slices into an operation on tensors.
func lift[T, A any](r *reduction[T, A]) (reducer, bool) {
	if r == nil {
		return nil, false
	}
	return func(pool *threads.Pool, out, in tensor.Tensor, axes []int) {
		to, of := tensor.As[T](out.Bytes), tensor.As[T](in.Bytes)
		p := planOf(in.Shape, out.Shape, axes)
		switch {
		case len(to) == 0:
		case len(of) == 0:
			acc := make([]A, len(to))
			fill(acc, r.identity)
			r.store(to, acc)
		case len(to) == len(of):
			copy(to, of)
		case p.width == 1:
			r.rows(pool, to, of, p)
		default:
			r.columns(pool, to, of, p)
		}
	}, true
}
