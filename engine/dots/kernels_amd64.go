package dots

import (
	"unsafe"

	"golang.org/x/sys/cpu"

	"atelier/engine/simd"
	"atelier/internal/quant"
)

//go:generate go run ./gen -dir .

// Assembly functions of fixed size. Strides are in bytes for integer memory.
type (
	denseKernel  = func(n int, w *float32, wStride int, x *float32, xStride int, dst *float32, stride int)
	narrowKernel = func(n int, w *uint8, wStride int, x *float32, dst *float32, stride int)
	tileKernel   = func(count int, weights *uint8, scales *float32, quants *int8, quantStride int, groups *float32, groupStride int, dst *float32, stride int)
	directKernel = func(blocks int, data *uint8, stride int, quants *int8, groups *float32, dst *float32)
	unpackKernel = func(blocks int, weights *uint8, scales *float32, data *uint8, stride, ahead int)
)

// kernelsFor returns the kernels of a path. The AVX-512 kernels for quantized weights need VNNI; a
// processor without it uses those of AVX2, which round alike.
func kernelsFor(path simd.Path) *kernels {
	k := portable
	if path != simd.AVX2 && path != simd.AVX512 {
		return &k
	}
	k.tileRows = 4
	k.quantize = quantize
	k.multiply = tiling([3][]tileKernel{tile32AVX2[:], tile32MinimaAVX2[:], tile16AVX2[:]})
	k.unpack = unpacking(map[quant.Type]unpackKernel{
		quant.Q8_0: unpackQ80AVX2, quant.Q4_0: unpackQ40AVX2, quant.Q4_K: unpackQ4KAVX2, quant.Q6_K: unpackQ6KAVX2,
	})
	k.direct = directOf(directQ80AVX2)
	k.dense = denseOf(denseAVX2[:])
	k.narrow = narrowOf(8, [2]narrowKernel{half1AVX2, half8AVX2}, [2]narrowKernel{bfloat1AVX2, bfloat8AVX2})
	k.mix = mixing(mixer{32, mix4AVX2}, mixer{8, mix1AVX2})
	widen := simd.For(path)
	k.widen = func(dst []float32, data []byte, t quant.Type) {
		halves := unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(data))), len(dst))
		if t == quant.BF16 {
			widen.FromBfloat16(dst, halves)
		} else {
			widen.FromFloat16(dst, halves)
		}
	}
	if path == simd.AVX512 {
		k.dense = denseOf(denseAVX512[:])
		k.narrow = narrowOf(16, [2]narrowKernel{half1AVX512, half8AVX512}, [2]narrowKernel{bfloat1AVX512, bfloat8AVX512})
		k.mix = mixing(mixer{64, mix4AVX512}, mixer{32, mix2AVX512}, mixer{16, mix1AVX512}, mixer{8, mix1AVX2})
		if cpu.X86.HasAVX512VNNI {
			k.lanes, k.tileRows, k.bytes = 16, 12, true
			k.multiply = tiling([3][]tileKernel{tile32AVX512[:], tile32MinimaAVX512[:], tile16AVX512[:]})
			k.direct = directOf(directQ80AVX512)
			k.unpack = unpacking(map[quant.Type]unpackKernel{
				quant.Q8_0: unpackQ80AVX512, quant.Q4_0: unpackQ40AVX512, quant.Q4_K: unpackQ4KAVX512, quant.Q6_K: unpackQ6KAVX512,
			})
		}
	}
	return &k
}

// whole is the address of an integer, and its size in bytes.
func (a *activations) whole(at int) (*int8, int) {
	if a.inBytes {
		return &a.bytes[at], 1
	}
	return (*int8)(unsafe.Pointer(&a.words[at])), 2
}

// quantize quantizes to bytes or words, in groups of 32 or 16.
func quantize(a *activations, at int, x []float32) {
	kernel := quantizeWords32AVX2
	switch {
	case a.inBytes && a.size == 16:
		kernel = quantizeBytes16AVX2
	case a.inBytes:
		kernel = quantizeBytes32AVX2
	case a.size == 16:
		kernel = quantizeWords16AVX2
	}
	quants, _ := a.whole(at)
	kernel(len(x)/block, &x[0], quants, &a.groups[at/a.size].scale, -a.offset)
}

// directOf multiplies by panels of Q8_0 where they lie.
func directOf(kernel directKernel) func(t *target, out int, dst []float32) {
	return func(t *target, out int, dst []float32) {
		stride := t.m.Type.Bytes(t.m.Cols)
		kernel(t.m.Cols/block, &t.m.Data[out*stride], stride, &t.active.bytes[0], &t.active.groups[0].scale, &dst[0])
	}
}

// tiling uses kernels for fixed numbers of vectors, the largest fitting one first.
func tiling(kinds [3][]tileKernel) func(t *tile) {
	return func(t *tile) {
		kernels := kinds[0]
		if t.minima {
			kernels = kinds[1]
		} else if t.size == 16 {
			kernels = kinds[2]
		}
		p, a := t.panel, t.active
		const groupBytes = int(unsafe.Sizeof(group{}))
		for row, n := 0, 0; row < t.rows; row += n {
			n = min(t.rows-row, len(kernels)-1)
			for kernels[n] == nil {
				n--
			}
			at := (t.row+row)*t.cols + t.col
			quants, bytes := a.whole(at)
			kernels[n](t.count, &p.weights[0], &p.scales[0], quants, bytes*t.cols,
				&a.groups[at/t.size].scale, t.cols/t.size*groupBytes, &t.dst[row*t.stride], 4*t.stride)
		}
	}
}

// unpacking unpacks full panels; partial ones are left to plain Go.
func unpacking(kernels map[quant.Type]unpackKernel) func(p *panel, lanes int, m quant.Matrix, out, outs, col, cols int) {
	var byType [quant.Q6_K + 1]unpackKernel
	for t, k := range kernels {
		byType[t] = k
	}
	return func(p *panel, lanes int, m quant.Matrix, out, outs, col, cols int) {
		if outs < lanes {
			unpackGo(p, lanes, m, out, outs, col, cols)
			return
		}
		elements, _ := m.Type.Block()
		stride, from, ahead := m.Type.Bytes(m.Cols), m.Type.Bytes(col), m.Type.Bytes(cols)
		if col+cols == m.Cols { // the next outputs follow
			ahead = lanes*stride - from
		}
		byType[m.Type](cols/elements, &p.weights[0], &p.scales[0], &m.Data[out*stride+from], stride, ahead)
	}
}

// denseOf uses kernels for fixed numbers of vectors and outputs.
func denseOf(kernels [][9]denseKernel) func(t *dense) {
	return func(t *dense) {
		for row, rows := 0, 0; row < t.rows; row += rows {
			rows = min(t.rows-row, len(kernels)-1)
			for out, outs := 0, 0; out < t.outs; out += outs {
				outs = 1
				if left := t.outs - out; t.rows == 1 && left >= 8 {
					outs = 8
				} else if left >= 4 {
					outs = 4
				}
				kernels[rows][outs](t.cols, &t.weights[out*t.weightStride], t.weightStride,
					&t.x[row*t.xStride], t.xStride, &t.dst[row*t.stride+out], t.stride)
			}
		}
	}
}

// narrowOf uses kernels for one output and for eight, of float16 and bfloat16, if the columns fill
// registers.
func narrowOf(lanes int, half, bfloat [2]narrowKernel) func(t *target, out, outs, col, cols int) bool {
	return func(t *target, out, outs, col, cols int) bool {
		if cols%lanes != 0 || t.m.Type == quant.F32 {
			return false
		}
		kernels := half
		if t.m.Type == quant.BF16 {
			kernels = bfloat
		}
		stride := 2 * t.m.Cols
		for end := out + outs; out < end; {
			kernel, n := kernels[0], 1
			if end-out >= 8 {
				kernel, n = kernels[1], 8
			}
			kernel(cols, &t.m.Data[out*stride+2*col], stride, &t.x[col], &t.dst[out], 0)
			out += n
		}
		return true
	}
}
