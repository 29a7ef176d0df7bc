package simd

import "math"

// portable is the plain Go implementation. Transcendental functions go through float64, so that
// they are as exact as float32 can be, but slow.
var portable = Kernels{
	Add: addGo, Sub: subGo, Mul: mulGo, Div: divGo, MulAdd: mulAddGo,
	Rem: binaryGo(func(a, b float32) float32 { return float32(math.Mod(float64(a), float64(b))) }),
	Pow: binaryGo(func(a, b float32) float32 { return float32(math.Pow(float64(a), float64(b))) }),
	Max: binaryGo(greater), Min: binaryGo(smaller),

	Equal:        binaryGo(func(a, b float32) float32 { return mask(a == b) }),
	NotEqual:     binaryGo(func(a, b float32) float32 { return mask(a != b) }),
	Less:         binaryGo(func(a, b float32) float32 { return mask(a < b) }),
	LessEqual:    binaryGo(func(a, b float32) float32 { return mask(a <= b) }),
	Greater:      binaryGo(func(a, b float32) float32 { return mask(a > b) }),
	GreaterEqual: binaryGo(func(a, b float32) float32 { return mask(a >= b) }),
	And:          binaryGo(func(a, b float32) float32 { return mask(a != 0 && b != 0) }),
	Or:           binaryGo(func(a, b float32) float32 { return mask(a != 0 || b != 0) }),
	Xor:          binaryGo(func(a, b float32) float32 { return mask((a != 0) != (b != 0)) }),
	Not:          unaryGo(func(a float32) float32 { return mask(a == 0) }),
	Select:       selectGo,

	Neg:        unaryGo(func(a float32) float32 { return -a }),
	Abs:        unaryGo(abs),
	Sign:       unaryGo(sign),
	Sqrt:       throughFloat64(math.Sqrt),
	Rsqrt:      throughFloat64(func(a float64) float64 { return 1 / math.Sqrt(a) }),
	Reciprocal: unaryGo(func(a float32) float32 { return 1 / a }),
	Square:     unaryGo(func(a float32) float32 { return a * a }),
	Floor:      throughFloat64(math.Floor),
	Ceil:       throughFloat64(math.Ceil),
	Round:      throughFloat64(math.RoundToEven),
	IsFinite:   unaryGo(func(a float32) float32 { return mask(a-a == 0) }),
	IsNaN:      unaryGo(func(a float32) float32 { return mask(a != a) }),

	Exp: unaryGo(exp), Expm1: unaryGo(expm1), Tanh: unaryGo(tanh32), Logistic: unaryGo(logistic),
	Log: throughFloat64(math.Log), Log1p: throughFloat64(math.Log1p), Erf: throughFloat64(math.Erf),
	Sin: throughFloat64(math.Sin), Cos: throughFloat64(math.Cos),

	MulAddScalar: mulAddScalarGo,
	Sum:          sumGo, SumOfSquares: func(a []float32) float32 { return dotGo(a, a) }, Dot: dotGo,
	ReduceMax: reduceMaxGo, ReduceMin: reduceMinGo,
	Transpose: transposeGo,

	FromBool: fromBoolGo, ToBool: toBoolGo, FromInt32: fromInt32Go, ToInt32: toInt32Go,
	FromFloat16: fromFloat16Go, ToFloat16: toFloat16Go, FromBfloat16: fromBfloat16Go, ToBfloat16: toBfloat16Go,
}

var checkedPortable = checked(portable)

func unaryGo(f func(float32) float32) Unary {
	return func(dst, a []float32) {
		for i, x := range a {
			dst[i] = f(x)
		}
	}
}

func throughFloat64(f func(float64) float64) Unary {
	return func(dst, a []float32) {
		for i, x := range a {
			dst[i] = float32(f(float64(x)))
		}
	}
}

func binaryGo(f func(a, b float32) float32) Binary {
	return func(dst, a, b []float32) {
		for i, x := range a {
			dst[i] = f(x, b[i])
		}
	}
}

func addGo(dst, a, b []float32) {
	for i, x := range a {
		dst[i] = x + b[i]
	}
}

func subGo(dst, a, b []float32) {
	for i, x := range a {
		dst[i] = x - b[i]
	}
}

func mulGo(dst, a, b []float32) {
	for i, x := range a {
		dst[i] = x * b[i]
	}
}

func divGo(dst, a, b []float32) {
	for i, x := range a {
		dst[i] = x / b[i]
	}
}

func mulAddGo(dst, a, b, c []float32) {
	for i, x := range a {
		dst[i] = mulAdd(x, b[i], c[i])
	}
}

func mulAddScalarGo(dst, a []float32, s, t float32) {
	for i, x := range a {
		dst[i] = mulAdd(x, s, t)
	}
}

func selectGo(dst, cond, a, b []float32) {
	for i, c := range cond {
		if c != 0 {
			dst[i] = a[i]
		} else {
			dst[i] = b[i]
		}
	}
}

// mulAdd is a*b+c. The product is exact in float64.
func mulAdd(a, b, c float32) float32 { return float32(float64(a)*float64(b) + float64(c)) }

func mask(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// greater is the result of the vector instruction for the maximum of two: b if they are equal, and
// NaN if one is.
func greater(a, b float32) float32 {
	if a > b || a != a {
		return a
	}
	return b
}

// smaller is the result of the vector instruction for the minimum of two.
func smaller(a, b float32) float32 {
	if a < b || a != a {
		return a
	}
	return b
}

func abs(a float32) float32 { return math.Float32frombits(math.Float32bits(a) &^ (1 << 31)) }

func sign(a float32) float32 {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return a
}

// tanh is math.Tanh, which is a few units in the last place of float32 off for
// small operands, in terms of Expm1.
func tanh(a float64) float64 {
	t := math.Expm1(2 * math.Abs(a))
	if math.IsInf(t, 1) {
		return math.Copysign(1, a)
	}
	return math.Copysign(t/(t+2), a)
}
