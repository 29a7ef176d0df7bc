package simd

// The signatures of the kernels. dst decides the length: the others are as long, or the kernel
// panics. dst may be the same slice as an operand; operands that overlap dst in another way give
// undefined results.
type (
	Unary   func(dst, a []float32)
	Binary  func(dst, a, b []float32)
	Ternary func(dst, a, b, c []float32)
)

// Kernels are the vector kernels of one path. A mask is a float32 that is 1 for true and 0 for
// false. The result of a lane depends only on its operands, not on its place in the slice nor on
// the slice's length. Errors are in units in the last place (ulp) of the exact result: the largest
// on any path over every 41st float32.
type Kernels struct {
	// Arithmetic, rounded correctly. Rem is a - b*trunc(a/b), exact. Pow is
	// within 0.6 ulp. MulAdd is a*b+c, rounded once (the portable one rounds
	// through float64 first).
	Add, Sub, Mul, Div, Rem, Pow Binary
	MulAdd                       Ternary

	// Max and Min are NaN if an operand is. Which zero is greater is undefined.
	Max, Min Binary

	// Comparisons give masks. A comparison with NaN is false, except NotEqual.
	Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual Binary

	// Logic on masks.
	And, Or, Xor Binary
	Not          Unary

	// Select(dst, cond, a, b) is a where cond is not 0, and b elsewhere.
	Select Ternary

	// Unary operations, exact or correctly rounded. Sign is -1, 1, or the operand itself if that is
	// a zero or NaN. Round rounds halves to even.
	Neg, Abs, Sign, Sqrt, Reciprocal, Square, Floor, Ceil, Round Unary

	// Rsqrt is 1/sqrt(a), within 1.5 ulp.
	Rsqrt Unary

	// Classification, as masks.
	IsFinite, IsNaN Unary

	// Transcendental, over all float32 values. Exp is within 1.0 ulp, Log 0.9, Erf 1.1, Expm1 =
	// exp(a)-1 1.5, Log1p = log(1+a) 1.5, Sin and Cos 1.6, Logistic = 1/(1+exp(-a)) 2.4, Tanh 2.5.
	// Sin and Cos above 65536, and Pow and Rem, are not vectorized.
	Exp, Expm1, Log, Log1p, Tanh, Logistic, Erf, Sin, Cos Unary

	// MulAddScalar(dst, a, s, t) is a*s+t, rounded once, as MulAdd.
	MulAddScalar func(dst, a []float32, s, t float32)

	// Reductions. The order of summation is the same on every path and fixed by the length alone:
	// element i goes to partial sum i mod 64, in order of i; partial sums j and j+32 are added,
	// then j and j+16, and so on down to one. For empty input, Sum, SumOfSquares and Dot are 0,
	// ReduceMax is -Inf and ReduceMin +Inf. NaN propagates. SumOfSquares and Dot use fused
	// multiply-add.
	Sum, SumOfSquares, ReduceMax, ReduceMin func(a []float32) float32
	Dot                                     func(a, b []float32) float32

	// Transpose writes dst[c*dstStride+r] = src[r*srcStride+c] for r < rows and
	// c < cols. dst and src do not overlap.
	Transpose func(dst []float32, dstStride int, src []float32, srcStride int, rows, cols int)

	// Conversions. Floats are rounded to nearest, ties to even, when they lose precision; NaN stays
	// NaN. ToInt32 truncates, saturates, and maps NaN to 0. FromBool gives masks; ToBool is true
	// where the float is not 0.
	FromBool     func(dst []float32, src []bool)
	ToBool       func(dst []bool, src []float32)
	FromInt32    func(dst []float32, src []int32)
	ToInt32      func(dst []int32, src []float32)
	FromFloat16  func(dst []float32, src []uint16)
	ToFloat16    func(dst []uint16, src []float32)
	FromBfloat16 func(dst []float32, src []uint16)
	ToBfloat16   func(dst []uint16, src []float32)
}

// For returns the kernels of a path. It panics if this processor does not support it.
func For(p Path) *Kernels {
	if !p.runs() {
		panic("simd: this processor cannot run the path " + string(p))
	}
	return kernelsFor(p)
}

// Fill sets every element of dst to v.
func Fill(dst []float32, v float32) {
	if len(dst) == 0 {
		return
	}
	dst[0] = v
	for n := 1; n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// Gather copies every stride-th element: dst[i] = src[i*stride]. It panics if
// src is too short.
func Gather(dst, src []float32, stride int) {
	if len(dst) == 0 {
		return
	}
	src = src[:(len(dst)-1)*stride+1]
	at := 0
	for i := range dst {
		dst[i] = src[at]
		at += stride
	}
}

// Scatter copies to every stride-th element: dst[i*stride] = src[i]. It panics
// if dst is too short.
func Scatter(dst []float32, stride int, src []float32) {
	if len(src) == 0 {
		return
	}
	dst = dst[:(len(src)-1)*stride+1]
	at := 0
	for _, v := range src {
		dst[at] = v
		at += stride
	}
}
