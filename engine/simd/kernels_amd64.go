package simd

import "math"

//go:generate go run ./gen -dir .

func kernelsFor(p Path) *Kernels {
	switch p {
	case AVX512:
		return avx512
	case AVX2:
		return avx2
	}
	return checkedPortable
}

var avx512 = checked(Kernels{
	Add: addAVX512, Sub: subAVX512, Mul: mulAVX512, Div: divAVX512, Rem: portable.Rem, Pow: portable.Pow,
	MulAdd: mulAddAVX512, Max: maxAVX512, Min: minAVX512,
	Equal: equalAVX512, NotEqual: notEqualAVX512, Less: lessAVX512, LessEqual: lessEqualAVX512,
	Greater: greaterAVX512, GreaterEqual: greaterEqualAVX512,
	And: andAVX512, Or: orAVX512, Xor: xorAVX512, Not: notAVX512, Select: chooseAVX512,
	Neg: negAVX512, Abs: absAVX512, Sign: signAVX512, Sqrt: sqrtAVX512, Rsqrt: rsqrtAVX512,
	Reciprocal: reciprocalAVX512, Square: squareAVX512,
	Floor: floorAVX512, Ceil: ceilAVX512, Round: roundAVX512, IsFinite: isFiniteAVX512, IsNaN: isNaNAVX512,
	Exp: expAVX512, Expm1: expm1AVX512, Log: logAVX512, Log1p: log1pAVX512, Tanh: tanhAVX512,
	Logistic: logisticAVX512, Erf: erfAVX512,
	Sin:          angles(sinAVX512, reduceMaxAVX512, reduceMinAVX512, math.Sin),
	Cos:          angles(cosAVX512, reduceMaxAVX512, reduceMinAVX512, math.Cos),
	MulAddScalar: mulAddScalarAVX512,
	Sum:          sumAVX512, SumOfSquares: sumOfSquaresAVX512, Dot: dotAVX512,
	ReduceMax: reduceMaxAVX512, ReduceMin: reduceMinAVX512,
	Transpose: squares(16, transposeRowsAVX512),
	FromBool:  whole(16, fromBoolAVX512, fromBoolGo), ToBool: whole(16, toBoolAVX512, toBoolGo),
	FromInt32: whole(16, fromInt32AVX512, fromInt32Go), ToInt32: whole(16, toInt32AVX512, toInt32Go),
	FromFloat16: whole(16, fromFloat16AVX512, fromFloat16Go), ToFloat16: whole(16, toFloat16AVX512, toFloat16Go),
	FromBfloat16: whole(16, fromBfloat16AVX512, fromBfloat16Go), ToBfloat16: whole(16, toBfloat16AVX512, toBfloat16Go),
})

var avx2 = checked(Kernels{
	Add: addAVX2, Sub: subAVX2, Mul: mulAVX2, Div: divAVX2, Rem: portable.Rem, Pow: portable.Pow,
	MulAdd: mulAddAVX2, Max: maxAVX2, Min: minAVX2,
	Equal: equalAVX2, NotEqual: notEqualAVX2, Less: lessAVX2, LessEqual: lessEqualAVX2,
	Greater: greaterAVX2, GreaterEqual: greaterEqualAVX2,
	And: andAVX2, Or: orAVX2, Xor: xorAVX2, Not: notAVX2, Select: chooseAVX2,
	Neg: negAVX2, Abs: absAVX2, Sign: signAVX2, Sqrt: sqrtAVX2, Rsqrt: rsqrtAVX2,
	Reciprocal: reciprocalAVX2, Square: squareAVX2,
	Floor: floorAVX2, Ceil: ceilAVX2, Round: roundAVX2, IsFinite: isFiniteAVX2, IsNaN: isNaNAVX2,
	Exp: expAVX2, Expm1: expm1AVX2, Log: logAVX2, Log1p: log1pAVX2, Tanh: tanhAVX2,
	Logistic: logisticAVX2, Erf: erfAVX2,
	Sin:          angles(sinAVX2, reduceMaxAVX2, reduceMinAVX2, math.Sin),
	Cos:          angles(cosAVX2, reduceMaxAVX2, reduceMinAVX2, math.Cos),
	MulAddScalar: mulAddScalarAVX2,
	Sum:          sumAVX2, SumOfSquares: sumOfSquaresAVX2, Dot: dotAVX2,
	ReduceMax: reduceMaxAVX2, ReduceMin: reduceMinAVX2,
	Transpose: squares(8, transposeRowsAVX2),
	FromBool:  whole(8, fromBoolAVX2, fromBoolGo), ToBool: whole(8, toBoolAVX2, toBoolGo),
	FromInt32: whole(8, fromInt32AVX2, fromInt32Go), ToInt32: whole(8, toInt32AVX2, toInt32Go),
	FromFloat16: whole(8, fromFloat16AVX2, fromFloat16Go), ToFloat16: whole(8, toFloat16AVX2, toFloat16Go),
	FromBfloat16: whole(8, fromBfloat16AVX2, fromBfloat16Go), ToBfloat16: whole(8, toBfloat16AVX2, toBfloat16Go),
})

// mostAngle is the largest operand of the vectorized sine and cosine; larger ones are left
// unchanged.
const mostAngle = 65536

// angles computes a sine or cosine with vectors, and in float64 for those left unchanged.
func angles(vectors Unary, most, least func([]float32) float32, exact func(float64) float64) Unary {
	return func(dst, a []float32) {
		vectors(dst, a)
		if most(dst) <= mostAngle && least(dst) >= -mostAngle {
			return
		}
		for i, x := range dst {
			if x > mostAngle || x < -mostAngle {
				dst[i] = float32(exact(float64(x)))
			}
		}
	}
}

// whole converts with vectors, and in Go what does not fill one.
func whole[D, S any](lanes int, vectors, rest func([]D, []S)) func([]D, []S) {
	return func(dst []D, src []S) {
		vectors(dst, src)
		at := len(dst) - len(dst)%lanes
		rest(dst[at:], src[at:])
	}
}

// squares transposes in square blocks, and in Go what does not fill one.
func squares(lanes int, rowsOf func(dst *float32, dstStride int, src *float32, srcStride int, blocks int)) func([]float32, int, []float32, int, int, int) {
	return func(dst []float32, dstStride int, src []float32, srcStride int, rows, cols int) {
		blocks := cols / lanes
		right, bottom := blocks*lanes, rows-rows%lanes
		if right > 0 {
			for r := 0; r < bottom; r += lanes {
				rowsOf(&dst[r], dstStride, &src[r*srcStride], srcStride, blocks)
			}
		}
		if right < cols && bottom > 0 {
			transposeGo(dst[right*dstStride:], dstStride, src[right:], srcStride, bottom, cols-right)
		}
		if bottom < rows {
			transposeGo(dst[bottom:], dstStride, src[bottom*srcStride:], srcStride, rows-bottom, cols)
		}
	}
}
