package simd

import "fmt"

// checked returns kernels that check the lengths before calling raw ones, which read and write
// len(dst) elements of every operand without bounds checks.
func checked(raw Kernels) *Kernels {
	k := raw
	for _, f := range []*Unary{
		&k.Not, &k.Neg, &k.Abs, &k.Sign, &k.Sqrt, &k.Reciprocal, &k.Square, &k.Floor, &k.Ceil, &k.Round,
		&k.Rsqrt, &k.IsFinite, &k.IsNaN,
		&k.Exp, &k.Expm1, &k.Log, &k.Log1p, &k.Tanh, &k.Logistic, &k.Erf, &k.Sin, &k.Cos,
	} {
		*f = Unary(checkedConversion(*f))
	}
	for _, f := range []*Binary{
		&k.Add, &k.Sub, &k.Mul, &k.Div, &k.Rem, &k.Pow, &k.Max, &k.Min,
		&k.Equal, &k.NotEqual, &k.Less, &k.LessEqual, &k.Greater, &k.GreaterEqual, &k.And, &k.Or, &k.Xor,
	} {
		*f = f.checked()
	}
	k.MulAdd, k.Select = raw.MulAdd.checked(), raw.Select.checked()
	k.MulAddScalar = func(dst, a []float32, s, t float32) {
		agree(len(dst), len(a))
		raw.MulAddScalar(dst, a, s, t)
	}
	k.Dot = func(a, b []float32) float32 {
		agree(len(a), len(b))
		return raw.Dot(a, b)
	}
	k.Transpose = func(dst []float32, dstStride int, src []float32, srcStride int, rows, cols int) {
		if rows <= 0 || cols <= 0 {
			return
		}
		holds(len(dst), dstStride, cols, rows)
		holds(len(src), srcStride, rows, cols)
		raw.Transpose(dst, dstStride, src, srcStride, rows, cols)
	}
	k.FromBool, k.ToBool = checkedConversion(raw.FromBool), checkedConversion(raw.ToBool)
	k.FromInt32, k.ToInt32 = checkedConversion(raw.FromInt32), checkedConversion(raw.ToInt32)
	k.FromFloat16, k.ToFloat16 = checkedConversion(raw.FromFloat16), checkedConversion(raw.ToFloat16)
	k.FromBfloat16, k.ToBfloat16 = checkedConversion(raw.FromBfloat16), checkedConversion(raw.ToBfloat16)
	return &k
}

// The checks pass on slices with equal length and capacity, which leaves fewer registers to save
// across the check: a third of the time of a short call.

func checkedConversion[D, S any](f func([]D, []S)) func([]D, []S) {
	return func(dst []D, src []S) {
		n := len(dst)
		agree(n, len(src))
		f(dst[:n:n], src[:n:n])
	}
}

func (f Binary) checked() Binary {
	return func(dst, a, b []float32) {
		n := len(dst)
		agree(n, len(a))
		agree(n, len(b))
		f(dst[:n:n], a[:n:n], b[:n:n])
	}
}

func (f Ternary) checked() Ternary {
	return func(dst, a, b, c []float32) {
		n := len(dst)
		agree(n, len(a))
		agree(n, len(b))
		agree(n, len(c))
		f(dst[:n:n], a[:n:n], b[:n:n], c[:n:n])
	}
}

// agree panics unless an operand is as long as the result.
func agree(dst, operand int) {
	if dst != operand {
		disagree(dst, operand)
	}
}

func disagree(dst, operand int) {
	panic(fmt.Sprintf("simd: an operand of %d elements, where there are %d", operand, dst))
}

// holds panics unless length elements hold rows rows of cols each, stride apart.
func holds(length, stride, rows, cols int) {
	if stride < cols || length < cols || (length-cols)/max(stride, 1) < rows-1 {
		panic(fmt.Sprintf("simd: %d rows of %d, %d apart, in %d elements", rows, cols, stride, length))
	}
}
