// Package scalar works element by element on every dtype at ordinary speed: the
// fallback of the vector kernels, which know float32 alone.
//
// Operations are looked up by type: the function found fills all of its output,
// whose shape the caller has worked out. Operands have the output's shape, or the
// same rank with axes of size 1 that repeat, or a single value. The output may be
// the memory of an operand of the output's own size and of the same dtype.
// Complex and sub-byte types are not supported.
//
// Where the interface leaves room, results are XLA's:
//   - Integers wrap around. A quotient by zero has all bits set, a remainder by
//     zero is the dividend; the lowest integer by -1 is itself, remainder 0.
//   - An integer to a negative power is truncated: 0, but for bases of 1 and -1.
//   - A shift by more bits than there are, or by a negative number, leaves 0, or
//     the sign in an arithmetic shift.
//   - Max, Min and Clamp pass a NaN on. Sign keeps zeros with their sign, and NaN.
//   - A float becomes the nearest integer toward zero within the type's range; a
//     NaN becomes 0. Anything but zero becomes true, NaN included.
//   - 16-bit floats are computed with as float32 and rounded to nearest even;
//     they convert by way of float32.
package scalar

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// The types of operations.
type (
	unary   = func(pool *threads.Pool, out, in tensor.Tensor)
	binary  = func(pool *threads.Pool, out, lhs, rhs tensor.Tensor)
	ternary = func(pool *threads.Pool, out, a, b, c tensor.Tensor)
)

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

type float interface{ float32 | float64 }

type number interface{ integer | float }

// Unary returns the operation with one operand of the dtype, if there is one:
// Abs, BitCount, BitwiseNot, Ceil, Clz, Cos, Erf, Exp, Expm1, Floor, IsFinite,
// IsNaN, Log, Log1p, LogicalNot, Logistic, Neg, Real, Round, Rsqrt, Sign, Sin,
// Sqrt, Tanh. The output of IsFinite and IsNaN is boolean.
func Unary(op compute.OpType, dtype dtypes.DType) (func(pool *threads.Pool, out, in tensor.Tensor), bool) {
	if op == compute.OpTypeIsFinite || op == compute.OpTypeIsNaN {
		return test(op, dtype)
	}
	switch dtype {
	case dtypes.Bool:
		return liftUnary(unaryBool(op))
	case dtypes.Int8:
		return liftUnary(unaryInteger[int8](op))
	case dtypes.Int16:
		return liftUnary(unaryInteger[int16](op))
	case dtypes.Int32:
		return liftUnary(unaryInteger[int32](op))
	case dtypes.Int64:
		return liftUnary(unaryInteger[int64](op))
	case dtypes.Uint8:
		return liftUnary(unaryInteger[uint8](op))
	case dtypes.Uint16:
		return liftUnary(unaryInteger[uint16](op))
	case dtypes.Uint32:
		return liftUnary(unaryInteger[uint32](op))
	case dtypes.Uint64:
		return liftUnary(unaryInteger[uint64](op))
	case dtypes.Float32:
		return liftUnary(unaryFloat[float32](op))
	case dtypes.Float64:
		return liftUnary(unaryFloat[float64](op))
	}
	if f, ok := halfFormat(dtype); ok {
		return liftUnary(f.unary(unaryFloat[float32](op)))
	}
	return nil, false
}

// Binary returns the operation with two operands of the dtype, if there is one: Add, Atan2, Div,
// Max, Min, Mul, Pow, Rem, Sub, BitwiseAnd, BitwiseOr, BitwiseXor, LogicalAnd, LogicalOr,
// LogicalXor, the three shifts (by rhs), and the comparisons, whose output is boolean. The total
// order of floats is -NaN, -Inf, ..., -0, 0, ..., Inf, NaN.
func Binary(op compute.OpType, dtype dtypes.DType) (func(pool *threads.Pool, out, lhs, rhs tensor.Tensor), bool) {
	if f, ok := comparison(op, dtype); ok {
		return f, true
	}
	switch dtype {
	case dtypes.Bool:
		return liftBinary(binaryBool(op))
	case dtypes.Int8:
		return liftBinary(binaryInteger[int8](op))
	case dtypes.Int16:
		return liftBinary(binaryInteger[int16](op))
	case dtypes.Int32:
		return liftBinary(binaryInteger[int32](op))
	case dtypes.Int64:
		return liftBinary(binaryInteger[int64](op))
	case dtypes.Uint8:
		return liftBinary(binaryInteger[uint8](op))
	case dtypes.Uint16:
		return liftBinary(binaryInteger[uint16](op))
	case dtypes.Uint32:
		return liftBinary(binaryInteger[uint32](op))
	case dtypes.Uint64:
		return liftBinary(binaryInteger[uint64](op))
	case dtypes.Float32:
		return liftBinary(binaryFloat[float32](op))
	case dtypes.Float64:
		return liftBinary(binaryFloat[float64](op))
	}
	if f, ok := halfFormat(dtype); ok {
		return liftBinary(f.binary(binaryFloat[float32](op)))
	}
	return nil, false
}

// Bitcast copies the bits of in to out, which has the same size.
func Bitcast(pool *threads.Pool, out, in tensor.Tensor) {
	liftedCopy(pool, tensor.Tensor{Bytes: out.Bytes}, tensor.Tensor{Bytes: in.Bytes})
}

var liftedCopy, _ = liftUnary(func(out, in []byte) { copy(out, in) })
