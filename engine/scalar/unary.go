package scalar

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// unaryBool returns a kernel for booleans, or nil.
func unaryBool(op compute.OpType) func(out, in []bool) {
	if op != compute.OpTypeLogicalNot {
		return nil
	}
	return func(out, in []bool) {
		for i, x := range in {
			out[i] = !x
		}
	}
}

// unaryInteger returns a kernel for integers, or nil.
func unaryInteger[T integer](op compute.OpType) func(out, in []T) {
	switch op {
	case compute.OpTypeAbs:
		return abs[T]
	case compute.OpTypeNeg:
		return neg[T]
	case compute.OpTypeSign:
		return sign[T]
	case compute.OpTypeReal:
		return same[T]
	case compute.OpTypeBitwiseNot:
		return func(out, in []T) {
			for i, x := range in {
				out[i] = ^x
			}
		}
	case compute.OpTypeBitCount:
		return func(out, in []T) {
			for i, x := range in {
				out[i] = T(bits.OnesCount64(unsigned(x)))
			}
		}
	case compute.OpTypeClz:
		return func(out, in []T) {
			for i, x := range in {
				out[i] = T(bits.LeadingZeros64(unsigned(x)) - 64 + width[T]())
			}
		}
	}
	return nil
}

// unaryFloat returns a kernel for floats, or nil.
func unaryFloat[T float](op compute.OpType) func(out, in []T) {
	switch op {
	case compute.OpTypeAbs:
		return absFloat[T]
	case compute.OpTypeNeg:
		return neg[T]
	case compute.OpTypeSign:
		return sign[T]
	case compute.OpTypeReal:
		return same[T]
	}
	f, ok := functions[op]
	if !ok {
		return nil
	}
	return func(out, in []T) {
		for i, x := range in {
			out[i] = T(f(float64(x)))
		}
	}
}

// functions of floats, computed in float64 whatever the type.
var functions = map[compute.OpType]func(float64) float64{
	compute.OpTypeCeil:     math.Ceil,
	compute.OpTypeCos:      math.Cos,
	compute.OpTypeErf:      math.Erf,
	compute.OpTypeExp:      math.Exp,
	compute.OpTypeExpm1:    math.Expm1,
	compute.OpTypeFloor:    math.Floor,
	compute.OpTypeLog:      math.Log,
	compute.OpTypeLog1p:    math.Log1p,
	compute.OpTypeLogistic: logistic,
	compute.OpTypeRound:    math.RoundToEven,
	compute.OpTypeRsqrt:    func(x float64) float64 { return 1 / math.Sqrt(x) },
	compute.OpTypeSin:      math.Sin,
	compute.OpTypeSqrt:     math.Sqrt,
	compute.OpTypeTanh:     math.Tanh,
}

// logistic is 1/(1+exp(-x)), without overflow.
func logistic(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

func abs[T integer](out, in []T) {
	for i, x := range in {
		if x < 0 {
			x = -x
		}
		out[i] = x
	}
}

func absFloat[T float](out, in []T) {
	for i, x := range in {
		out[i] = T(math.Abs(float64(x)))
	}
}

func neg[T number](out, in []T) {
	for i, x := range in {
		out[i] = -x
	}
}

func sign[T number](out, in []T) {
	var zero, one T = 0, 1
	for i, x := range in {
		switch {
		case x > 0:
			out[i] = one
		case x < 0:
			out[i] = zero - one
		default:
			out[i] = x // a zero of either sign, or NaN
		}
	}
}

func same[T any](out, in []T) { copy(out, in) }

// width is the number of bits of an integer type.
func width[T integer]() int { return 8 * int(unsafe.Sizeof(T(0))) }

// unsigned returns the bits of x, zero-extended.
func unsigned[T integer](x T) uint64 { return uint64(x) & (1<<(width[T]()-1)<<1 - 1) }

// test returns IsFinite or IsNaN. Every integer and boolean is finite.
func test(op compute.OpType, dtype dtypes.DType) (unary, bool) {
	kernel32, kernel64 := isNaN[float32], isNaN[float64]
	if op == compute.OpTypeIsFinite {
		kernel32, kernel64 = isFinite[float32], isFinite[float64]
	}
	switch dtype {
	case dtypes.Float32:
		return liftUnary(kernel32)
	case dtypes.Float64:
		return liftUnary(kernel64)
	case dtypes.Float16, dtypes.BFloat16:
		f, _ := halfFormat(dtype)
		return liftUnary(f.test(kernel32))
	}
	if dtype != dtypes.Bool && (!dtype.IsInt() || dtype.Bits() < 8) {
		return nil, false
	}
	return func(_ *threads.Pool, out, _ tensor.Tensor) {
		to := tensor.As[bool](out.Bytes)
		for i := range to {
			to[i] = op == compute.OpTypeIsFinite
		}
	}, true
}

func isNaN[T float](out []bool, in []T) {
	for i, x := range in {
		out[i] = x != x
	}
}

func isFinite[T float](out []bool, in []T) {
	for i, x := range in {
		out[i] = x-x == 0
	}
}
