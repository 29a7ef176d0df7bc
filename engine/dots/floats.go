package dots

import (
	"atelier/internal/quant"
)

const (
	// floatChunk is the number of columns of floating-point weights summed at a time before they
	// are added to the result: they stay in the L1 cache.
	floatChunk = 512
	outsAtOnce = 8 // largest number of outputs per kernel call
)

// floats multiplies a range of columns and outputs of floating-point weights.
func (t *target) floats(s *space, out, outs, col, cols int) {
	if t.rows == 1 && t.dots.narrow != nil && t.dots.narrow(t, out, outs, col, cols) {
		return
	}
	weights, stride := t.widened(s.wide, out, outs, col, cols)
	s.dense = dense{
		rows: t.rows, outs: outs, cols: cols, weights: weights, weightStride: stride,
		x: t.x[col:], xStride: t.m.Cols, dst: t.dst[out:], stride: t.m.Rows,
	}
	t.dots.dense(&s.dense)
}

// widened returns columns of weights as float32, and the stride between outputs.
func (t *target) widened(space []float32, out, outs, col, cols int) ([]float32, int) {
	if t.m.Type == quant.F32 {
		return t.m.Floats()[out*t.m.Cols+col:], t.m.Cols
	}
	for o := range outs {
		data := t.m.Data[2*((out+o)*t.m.Cols+col):][:2*cols]
		t.dots.widen(space[o*cols:(o+1)*cols], data, t.m.Type)
	}
	return space, cols
}

// A dense is a block of vectors, columns and outputs.
type dense struct {
	rows, outs, cols int
	weights          []float32
	weightStride     int
	x                []float32
	xStride          int
	dst              []float32
	stride           int
}

// denseGo adds the products to dst: eight partial sums each, then their sum.
func denseGo(t *dense) {
	for r := range t.rows {
		x := t.x[r*t.xStride:][:t.cols]
		for o := range t.outs {
			w := t.weights[o*t.weightStride:][:t.cols]
			var sums [8]float32
			i := 0
			for ; i+8 <= len(x); i += 8 {
				v, w := x[i:i+8], w[i:i+8]
				for l := range sums {
					sums[l] += float32(v[l] * w[l])
				}
			}
			for l := range x[i:] {
				sums[l] += float32(x[i+l] * w[i+l])
			}
			t.dst[r*t.stride+o] += ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
		}
	}
}

// widenGo converts 16-bit floats to float32.
func widenGo(dst []float32, data []byte, t quant.Type) {
	convert := half
	if t == quant.BF16 {
		convert = bfloat
	}
	for i := range dst {
		dst[i] = convert(data[2*i:])
	}
}

// mixGo sets dst to the weighted sum of the rows of x, a stride apart.
func mixGo(dst, weights, x []float32, stride int) {
	clear(dst)
	for r, w := range weights {
		for i, v := range x[r*stride:][:len(dst)] {
			dst[i] += float32(w * v)
		}
	}
}
