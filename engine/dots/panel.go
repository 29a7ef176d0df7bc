package dots

import (
	"encoding/binary"
	"math"

	"github.com/gomlx/compute/dtypes/float16"

	"atelier/internal/quant"
)

// quantChunk is the number of columns of quantized weights unpacked at a time: a panel of them
// stays in the L1 cache. It is a multiple of every block size.
const quantChunk = 1024

// A panel is a range of unpacked columns for as many outputs as a kernel computes at once.
type panel struct {
	weights []uint8   // [columns/4, lanes, 4], non-negative; or those of Q8_0 as they are
	flip    uint32    // XOR mask for four weights of Q8_0
	scales  []float32 // [groups, 2, lanes]: scales and minima
}

func (p *panel) make(k *kernels) {
	lanes := k.lanes
	if !k.signed {
		p.flip = 0x80808080
	}
	p.weights = make([]uint8, quantChunk*lanes)
	p.scales = make([]float32, quantChunk/16*2*lanes)
}

// quants multiplies a range of columns for the outputs of one panel, or the last ones of the
// matrix.
func (t *target) quants(s *space, out, outs, col, cols int) {
	d := t.dots
	from := out // a panel is completed with preceding outputs
	if outs < d.lanes && t.m.Rows >= d.lanes {
		from = t.m.Rows - d.lanes
	}
	d.unpack(&s.panel, d.lanes, t.m, from, min(d.lanes, t.m.Rows), col, cols)
	for r, n := 0, 0; r < t.rows; r += n {
		n = min(t.rows-r, d.tileRows)
		dst, stride := t.dst[r*t.m.Rows+out:], t.m.Rows
		if outs < d.lanes { // in a buffer with room for all
			dst, stride = s.wide[:n*d.lanes], d.lanes
			clear(dst)
			for i := range n {
				copy(dst[i*stride+out-from:], t.dst[(r+i)*t.m.Rows+out:][:outs])
			}
		}
		a := &t.active
		s.tile = tile{
			active: a, row: r, rows: n, col: col, cols: t.cols,
			panel: &s.panel, size: a.size, count: cols / a.size, minima: t.m.Type == quant.Q4_K,
			dst: dst, stride: stride,
		}
		d.multiply(&s.tile)
		if outs < d.lanes {
			for i := range n {
				copy(t.dst[(r+i)*t.m.Rows+out:][:outs], dst[i*stride+out-from:])
			}
		}
	}
}

// inPlace multiplies the vector by a range of outputs of Q8_0.
func (t *target) inPlace(s *space, first, end int) {
	lanes := t.dots.lanes
	for ; first+lanes <= end; first += lanes {
		t.dots.direct(t, first, t.dst[first:first+lanes])
	}
	if first < end { // the last ones of the matrix, with preceding ones
		from := t.m.Rows - lanes
		t.dots.direct(t, from, s.wide[:lanes])
		copy(t.dst[first:end], s.wide[first-from:])
	}
}

// A tile is a block of vectors times a panel.
type tile struct {
	active      *activations
	row, rows   int // the first vector, and their number
	col, cols   int // the first column, and their total number
	panel       *panel
	size, count int // of the groups of the panel
	minima      bool
	dst         []float32
	stride      int
}

// multiplyGo multiplies by a panel of 8 outputs.
func multiplyGo(t *tile) {
	const lanes = 8
	for r := range t.rows {
		dst := t.dst[r*t.stride : r*t.stride+lanes]
		at := (t.row+r)*t.cols + t.col
		for g := range t.count {
			about := t.active.groups[at/t.size+g]
			var sums [lanes]int32
			for i := range sums {
				sums[i] = about.offset
			}
			for i := g * t.size; i < (g+1)*t.size; i += 4 {
				q := t.active.words[at+i : at+i+4]
				q0, q1, q2, q3 := int32(q[0]), int32(q[2]), int32(q[1]), int32(q[3])
				weights := t.panel.weights[i*lanes:][:4*lanes]
				for l := range sums {
					w := weights[4*l : 4*l+4]
					sums[l] += int32(w[0])*q0 + int32(w[1])*q1 + int32(w[2])*q2 + int32(w[3])*q3
				}
			}
			scales := t.panel.scales[g*2*lanes:][:2*lanes]
			for l, sum := range sums {
				v := float32(float32(sum) * float32(scales[l]*about.scale))
				if t.minima {
					v -= float32(scales[lanes+l] * about.sum)
				}
				dst[l] += v
			}
		}
	}
}

// unpackGo unpacks columns of outputs from out on; missing outputs become zero.
func unpackGo(p *panel, lanes int, m quant.Matrix, out, outs, col, cols int) {
	elements, size := m.Type.Block()
	row, first := m.Type.Bytes(m.Cols), m.Type.Bytes(col)
	if outs < lanes {
		clear(p.weights[:cols*lanes])
		clear(p.scales[:cols/groupSize(m.Type)*2*lanes])
	}
	for o := range outs {
		data := m.Data[(out+o)*row+first:]
		for at := 0; at < cols; at += elements {
			p.unpackBlock(m.Type, lanes, o, at, data[at/elements*size:][:size])
		}
	}
}

// unpackBlock unpacks a block of an output, four columns at a time.
func (p *panel) unpackBlock(t quant.Type, lanes, out, at int, data []byte) {
	weights := p.weights[at*lanes+4*out:]
	put := func(column int, w uint32) { binary.LittleEndian.PutUint32(weights[column*lanes:], w) }
	four := func(from int) uint32 { return binary.LittleEndian.Uint32(data[from:]) }
	const nibbles, upper = 0x0f0f0f0f, 0x30303030
	switch t {
	case quant.Q8_0:
		p.scales[at/block*2*lanes+out] = half(data)
		for i := 0; i < 32; i += 4 {
			put(i, four(2+i)^p.flip)
		}
	case quant.Q4_0:
		p.scales[at/block*2*lanes+out] = half(data)
		for i := 0; i < 16; i += 4 {
			w := four(2 + i)
			put(i, w&nibbles)
			put(i+16, w>>4&nibbles)
		}
	case quant.Q4_K:
		scales, minima := quant.Q4KScales(data)
		for g := range scales {
			s := p.scales[(at/block+g)*2*lanes+out:]
			s[0], s[lanes] = scales[g], minima[g]
		}
		for i := 0; i < 128; i += 4 {
			w, column := four(16+i), i/32*64+i%32
			put(column, w&nibbles)
			put(column+32, w>>4&nibbles)
		}
	case quant.Q6_K:
		for g, scale := range quant.Q6KScales(data) {
			p.scales[(at/16+g)*2*lanes+out] = scale
		}
		for i := 0; i < 64; i += 4 {
			half := i / 32
			column := 128*half + i%32
			a, b, w := four(64*half+i%32), four(64*half+32+i%32), four(128+i)
			put(column, a&nibbles|w<<4&upper)
			put(column+32, b&nibbles|w<<2&upper)
			put(column+64, a>>4&nibbles|w&upper)
			put(column+96, b>>4&nibbles|w>>2&upper)
		}
	}
}

func half(b []byte) float32 { return float16.FromBits(binary.LittleEndian.Uint16(b)).Float32() }

func bfloat(b []byte) float32 {
	return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16)
}
