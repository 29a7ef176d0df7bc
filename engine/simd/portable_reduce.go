package simd

import "math"

// partials is the number of partial sums of a reduction: enough to fill four registers of AVX-512
// or eight of AVX2, and to hide the latency of an addition.
const partials = 64

func sumGo(a []float32) float32 {
	var p [partials]float32
	for i, x := range a {
		p[i%partials] += x
	}
	return fold(&p, func(a, b float32) float32 { return a + b })
}

func dotGo(a, b []float32) float32 {
	var p [partials]float32
	for i, x := range a {
		p[i%partials] = mulAdd(x, b[i], p[i%partials])
	}
	return fold(&p, func(a, b float32) float32 { return a + b })
}

func reduceMaxGo(a []float32) float32 { return extreme(a, float32(math.Inf(-1)), greater) }

func reduceMinGo(a []float32) float32 { return extreme(a, float32(math.Inf(1)), smaller) }

func extreme(a []float32, start float32, better func(a, b float32) float32) float32 {
	var p [partials]float32
	Fill(p[:], start)
	for i, x := range a {
		p[i%partials] = better(p[i%partials], x)
	}
	return fold(&p, better)
}

// fold halves the partial results until one is left.
func fold(p *[partials]float32, join func(a, b float32) float32) float32 {
	for half := partials / 2; half > 0; half /= 2 {
		for i := range half {
			p[i] = join(p[i], p[i+half])
		}
	}
	return p[0]
}

func transposeGo(dst []float32, dstStride int, src []float32, srcStride int, rows, cols int) {
	const tile = 8 // rows of dst and src that fit in a cache together
	for r0 := 0; r0 < rows; r0 += tile {
		for c := range cols {
			for r := r0; r < min(r0+tile, rows); r++ {
				dst[c*dstStride+r] = src[r*srcStride+c]
			}
		}
	}
}
