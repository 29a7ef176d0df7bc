package scalar

import (
	"math"
	"sync"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
)

// totalOrder maps a total-order comparison to the plain one that decides once floats are mapped to
// integers in the total order.
var totalOrder = map[compute.OpType]compute.OpType{
	compute.OpTypeEqualTotalOrder:          compute.OpTypeEqual,
	compute.OpTypeNotEqualTotalOrder:       compute.OpTypeNotEqual,
	compute.OpTypeGreaterOrEqualTotalOrder: compute.OpTypeGreaterOrEqual,
	compute.OpTypeGreaterThanTotalOrder:    compute.OpTypeGreaterThan,
	compute.OpTypeLessOrEqualTotalOrder:    compute.OpTypeLessOrEqual,
	compute.OpTypeLessThanTotalOrder:       compute.OpTypeLessThan,
}

// comparison returns the comparison for op, if there is one.
func comparison(op compute.OpType, dtype dtypes.DType) (binary, bool) {
	if plain, total := totalOrder[op]; total && !dtype.IsFloat() {
		op = plain
	}
	switch dtype {
	case dtypes.Bool: // false < true
		return liftBinary(compare[uint8](op))
	case dtypes.Int8:
		return liftBinary(compare[int8](op))
	case dtypes.Int16:
		return liftBinary(compare[int16](op))
	case dtypes.Int32:
		return liftBinary(compare[int32](op))
	case dtypes.Int64:
		return liftBinary(compare[int64](op))
	case dtypes.Uint8:
		return liftBinary(compare[uint8](op))
	case dtypes.Uint16:
		return liftBinary(compare[uint16](op))
	case dtypes.Uint32:
		return liftBinary(compare[uint32](op))
	case dtypes.Uint64:
		return liftBinary(compare[uint64](op))
	case dtypes.Float32:
		return liftBinary(compareFloat[float32](op))
	case dtypes.Float64:
		return liftBinary(compareFloat[float64](op))
	}
	if f, ok := halfFormat(dtype); ok {
		return liftBinary(f.comparison(compareFloat[float32](op)))
	}
	return nil, false
}

// compare returns a kernel, or nil.
func compare[T number](op compute.OpType) func(out []bool, a, b []T) {
	switch op {
	case compute.OpTypeEqual:
		return func(out []bool, a, b []T) {
			for i, x := range a {
				out[i] = x == b[i]
			}
		}
	case compute.OpTypeNotEqual:
		return func(out []bool, a, b []T) {
			for i, x := range a {
				out[i] = x != b[i]
			}
		}
	case compute.OpTypeLessThan:
		return less[T]
	case compute.OpTypeLessOrEqual:
		return lessOrEqual[T]
	case compute.OpTypeGreaterThan:
		return func(out []bool, a, b []T) { less(out, b, a) }
	case compute.OpTypeGreaterOrEqual:
		return func(out []bool, a, b []T) { lessOrEqual(out, b, a) }
	}
	return nil
}

func less[T number](out []bool, a, b []T) {
	for i, x := range a {
		out[i] = x < b[i]
	}
}

func lessOrEqual[T number](out []bool, a, b []T) {
	for i, x := range a {
		out[i] = x <= b[i]
	}
}

// compareFloat returns a kernel for floats, including the total order, or nil.
func compareFloat[T float](op compute.OpType) func(out []bool, a, b []T) {
	plain, total := totalOrder[op]
	if !total {
		return compare[T](op)
	}
	kernel := compare[int64](plain)
	return func(out []bool, a, b []T) {
		r := ranks.Get().(*[2][tile]int64)
		defer ranks.Put(r)
		x, y := r[0][:len(a)], r[1][:len(b)]
		rank(x, a)
		rank(y, b)
		kernel(out, x, y)
	}
}

// ranks holds the ranks in the total order of a tile of each operand.
var ranks = sync.Pool{New: func() any { return new([2][tile]int64) }}

// rank maps floats to integers in the total order: for a positive number its bits, for a negative
// one the complement of its magnitude.
func rank[T float](out []int64, in []T) {
	for i, x := range in {
		bits := int64(math.Float64bits(float64(x)))
		if unsafe.Sizeof(x) == 4 { // the conversion would lose the payload of NaNs
			bits = int64(int32(math.Float32bits(float32(x)))) << 32
		}
		if bits < 0 {
			bits = math.MinInt64 - bits - 1
		}
		out[i] = bits
	}
}
