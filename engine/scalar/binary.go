package scalar

import (
	"math"

	"github.com/gomlx/compute"
)

// binaryBool returns a kernel for booleans, or nil. Max is or, Min is and.
func binaryBool(op compute.OpType) func(out, a, b []bool) {
	switch op {
	case compute.OpTypeLogicalAnd, compute.OpTypeMin:
		return func(out, a, b []bool) {
			for i, x := range a {
				out[i] = x && b[i]
			}
		}
	case compute.OpTypeLogicalOr, compute.OpTypeMax:
		return func(out, a, b []bool) {
			for i, x := range a {
				out[i] = x || b[i]
			}
		}
	case compute.OpTypeLogicalXor:
		return func(out, a, b []bool) {
			for i, x := range a {
				out[i] = x != b[i]
			}
		}
	}
	return nil
}

// binaryInteger returns a kernel for integers, or nil.
func binaryInteger[T integer](op compute.OpType) func(out, a, b []T) {
	switch op {
	case compute.OpTypeDiv:
		return quotient[T]
	case compute.OpTypeRem:
		return remainder[T]
	case compute.OpTypePow:
		return power[T]
	case compute.OpTypeBitwiseAnd:
		return and[T]
	case compute.OpTypeBitwiseOr:
		return or[T]
	case compute.OpTypeBitwiseXor:
		return xor[T]
	case compute.OpTypeShiftLeft:
		return shiftLeft[T]
	case compute.OpTypeShiftRightArithmetic:
		return shiftRightArithmetic[T]
	case compute.OpTypeShiftRightLogical:
		return shiftRightLogical[T]
	}
	return arithmetic[T](op)
}

// binaryFloat returns a kernel for floats, or nil.
func binaryFloat[T float](op compute.OpType) func(out, a, b []T) {
	switch op {
	case compute.OpTypeDiv:
		return divide[T]
	case compute.OpTypeRem:
		return by64[T](math.Mod)
	case compute.OpTypePow:
		return by64[T](math.Pow)
	case compute.OpTypeAtan2:
		return by64[T](math.Atan2)
	}
	return arithmetic[T](op)
}

// arithmetic returns a kernel for numbers of any kind, or nil.
func arithmetic[T number](op compute.OpType) func(out, a, b []T) {
	switch op {
	case compute.OpTypeAdd:
		return add[T]
	case compute.OpTypeSub:
		return sub[T]
	case compute.OpTypeMul:
		return mul[T]
	case compute.OpTypeMax:
		return larger[T]
	case compute.OpTypeMin:
		return smaller[T]
	}
	return nil
}

// by64 is a kernel that computes in float64.
func by64[T float](f func(x, y float64) float64) func(out, a, b []T) {
	return func(out, a, b []T) {
		for i, x := range a {
			out[i] = T(f(float64(x), float64(b[i])))
		}
	}
}

func add[T number](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x + b[i]
	}
}

func sub[T number](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x - b[i]
	}
}

func mul[T number](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x * b[i]
	}
}

func divide[T float](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = x / b[i]
	}
}

func larger[T number](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = max(x, b[i])
	}
}

func smaller[T number](out, a, b []T) {
	out, b = out[:len(a)], b[:len(a)]
	for i, x := range a {
		out[i] = min(x, b[i])
	}
}
