package dots

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"atelier/engine/simd"
	"atelier/internal/quant"
)

// kernelsFor returns the kernels of a path. Those for quantized weights need the dot products of
// ARMv8.2; otherwise plain Go gives the same results.
func kernelsFor(path simd.Path) *kernels {
	k := portable
	if path != simd.NEON {
		return &k
	}
	k.dense, k.widen = denseNEON, widenNEON
	k.mix = mixing(mixer{16, mix16NEON}, mixer{4, mix4NEON})
	if cpu.ARM64.HasASIMDDP {
		k.bytes, k.signed, k.quantize, k.multiply = true, true, quantizeBytes, multiplyNEON
	}
	return &k
}

// quantizeBytes writes 8-bit integers.
func quantizeBytes(a *activations, at int, x []float32) {
	for n := block / a.size; len(x) > 0; x, at = x[block:], at+block {
		whole, scale := quantizeBlock(x[:block])
		fill(a.groups[at/a.size:][:n], &whole, scale, a.offset)
		copy(a.bytes[at:], whole[:])
	}
}

// multiplyNEON multiplies four vectors at a time by a panel.
func multiplyNEON(t *tile) {
	p, a := t.panel, t.active
	const groupBytes = int(unsafe.Sizeof(group{}))
	minima := 0
	if t.minima {
		minima = -1
	}
	for row, n := 0, 0; row < t.rows; row += n {
		kernel := tile4NEON
		n = 4
		if t.rows-row < n {
			kernel, n = tile1NEON, 1
		}
		at := (t.row+row)*t.cols + t.col
		kernel(t.count, t.size/16, &p.weights[0], &p.scales[0], &a.bytes[at], t.cols,
			&a.groups[at/t.size].scale, t.cols/t.size*groupBytes, &t.dst[row*t.stride], 4*t.stride, minima)
	}
}

// denseNEON multiplies by eight outputs in assembly, over as many columns as fill registers, and
// adds the remaining products one by one. A last group of fewer outputs is left to plain Go.
func denseNEON(t *dense) {
	n := t.cols &^ 3
	if t.outs < outsAtOnce || n == 0 {
		denseGo(t)
		return
	}
	for row := 0; row < t.rows; {
		x, dst := &t.x[row*t.xStride], t.dst[row*t.stride:]
		if t.rows-row < 4 {
			dense1NEON(n, &t.weights[0], t.weightStride, x, &dst[0])
			row++
			continue
		}
		dense4NEON(n, &t.weights[0], t.weightStride, x, t.xStride, &dst[0], t.stride)
		dense4NEON(n, &t.weights[4*t.weightStride], t.weightStride, x, t.xStride, &dst[4], t.stride)
		row += 4
	}
	for row := range t.rows {
		x := t.x[row*t.xStride:][:t.cols]
		for o := range t.outs {
			w := t.weights[o*t.weightStride:][:t.cols]
			for i := n; i < t.cols; i++ {
				t.dst[row*t.stride+o] += float32(x[i] * w[i])
			}
		}
	}
}

// widenNEON converts 16-bit floats to float32.
func widenNEON(dst []float32, data []byte, t quant.Type) {
	n := len(dst) &^ 7
	switch {
	case n == 0:
	case t == quant.BF16:
		widenBfloatNEON(n, &dst[0], &data[0])
	default:
		widenHalfNEON(n, &dst[0], &data[0])
	}
	widenGo(dst[n:], data[2*n:], t)
}

// tile4NEON multiplies four vectors by groups of a panel; steps are of 16 columns in a group,
// minima is -1 if there are any and 0 otherwise.
//
//go:noescape
func tile4NEON(count, steps int, weights *uint8, scales *float32, quants *int8, quantStride int, groups *float32, groupStride int, dst *float32, stride int, minima int)

// tile1NEON is tile4NEON for one vector.
//
//go:noescape
func tile1NEON(count, steps int, weights *uint8, scales *float32, quants *int8, quantStride int, groups *float32, groupStride int, dst *float32, stride int, minima int)

// dense1NEON multiplies one vector by eight outputs; n is a multiple of 4 above 0.
//
//go:noescape
func dense1NEON(n int, w *float32, wStride int, x, dst *float32)

// dense4NEON multiplies four vectors by four outputs.
//
//go:noescape
func dense4NEON(n int, w *float32, wStride int, x *float32, xStride int, dst *float32, stride int)

// mix16NEON mixes 16 columns of at least one row; the stride is in bytes.
//
//go:noescape
func mix16NEON(rows int, dst, weights, x *float32, stride int)

// mix4NEON mixes 4 columns.
//
//go:noescape
func mix4NEON(rows int, dst, weights, x *float32, stride int)

// widenHalfNEON makes float32 of float16; n is a multiple of 8 above 0.
//
//go:noescape
func widenHalfNEON(n int, dst *float32, src *uint8)

// widenBfloatNEON makes float32 of bfloat16; n is a multiple of 8 above 0.
//
//go:noescape
func widenBfloatNEON(n int, dst *float32, src *uint8)
