package product

import "fmt"

// panels are vectors of an operand, packed: for each block of depth, panel after
// panel.
type panels struct {
	data         []float32
	width        int // of a panel, but for the last one where vectors end
	vector       int // the first one; a multiple of width
	vectors      int // how many, with zeros that fill the last panel
	first, depth int // the part of the depth; first is a multiple of BlockDepth
}

// at is the panel that starts with vector v, over the block of depth elements that
// starts at first.
func (s *panels) at(v, first, depth int) []float32 {
	at := (first-s.first)*s.vectors + (v-s.vector)*depth
	return s.data[at : at+s.widthAt(v)*depth]
}

// widthAt is the width of the panel that starts with vector v.
func (s *panels) widthAt(v int) int { return min(s.width, s.vector+s.vectors-v) }

// blocks is the number of blocks of depth.
func (s *panels) blocks() int { return (s.depth + BlockDepth - 1) / BlockDepth }

// strip is how much of the depth is packed at a time, panel by panel, so that the
// pages that are read stay few.
const strip = 64

// fill packs the panels of vectors [v, to) of n, in a block of depth.
func (s *panels) fill(operand Operand, v, to, n, block int) {
	first := s.first + block*BlockDepth
	depth := min(BlockDepth, s.first+s.depth-first)
	for p := 0; p < depth; p += strip {
		for u := v; u < to; u += s.width {
			width, d := s.widthAt(u), min(strip, depth-p)
			dst := s.at(u, first, depth)[p*width : (p+d)*width]
			operand.Pack(dst, width, u, min(width, n-u), first+p, d)
		}
	}
}

// Packed is a constant operand, packed once for the engine that made it. As the
// operand B of a product it is not packed again.
type Packed struct {
	panels
	n int // vectors
}

// Prepack packs n vectors of k elements, for use as B on this engine. The result
// does not change when the operand's memory does.
func (e *Engine) Prepack(b Operand, n, k int) *Packed {
	if n < 0 || k < 0 {
		panic(fmt.Sprintf("product: %d vectors of %d elements", n, k))
	}
	width := e.kernel.cols
	p := &Packed{n: n, panels: panels{width: width, vectors: roundUp(n, width), depth: k}}
	p.data = floats(p.vectors * k)
	for block := range p.blocks() {
		p.fill(b, 0, n, n, block)
	}
	return p
}

// Pack implements [Operand], for all uses but that as B on the same path.
func (p *Packed) Pack(dst []float32, width, v, n, first, depth int) {
	if v < 0 || v+n > p.n || first < 0 || first+depth > p.depth {
		panic(fmt.Sprintf("product: vectors %d to %d, elements %d to %d of %d packed vectors of %d", v, v+n, first, first+depth, p.n, p.depth))
	}
	for d := range depth {
		row := dst[d*width : (d+1)*width]
		clear(row[n:])
		start := (first + d) / BlockDepth * BlockDepth
		block := min(BlockDepth, p.depth-start)
		for i := range row[:n] {
			u := v + i
			row[i] = p.at(u-u%p.width, start, block)[(first+d-start)*p.width+u%p.width]
		}
	}
}

// roundUp is the least multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
