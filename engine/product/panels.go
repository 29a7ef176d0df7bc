package product

import "fmt"

// A block is a part of the depth.
type block struct{ first, depth int }

// blocks divides a part of the depth that starts at a multiple of BlockDepth.
func (d block) blocks() []block {
	var all []block
	for first, end := d.first, d.first+d.depth; first < end; first += BlockDepth {
		all = append(all, block{first, min(BlockDepth, end-first)})
	}
	return all
}

// panels are packed vectors of an operand over a part of the depth: for each block of depth, panel
// after panel.
type panels struct {
	block
	data    []float32
	width   int // of a panel, except the last one
	vector  int // the first vector; a multiple of width
	vectors int // the number of vectors, with zeros that fill the last panel
}

// at is the panel that starts with vector v, over one of the blocks.
func (s *panels) at(v int, d block) []float32 { return s.from(v, d)[:s.widthAt(v)*d.depth] }

// from are the panels from that one on.
func (s *panels) from(v int, d block) []float32 {
	return s.data[(d.first-s.first)*s.vectors+(v-s.vector)*d.depth:]
}

// widthAt is the width of the panel that starts with vector v.
func (s *panels) widthAt(v int) int { return min(s.width, s.vector+s.vectors-v) }

// fill packs the panels of vectors [v, to) of n over one of the blocks.
func (s *panels) fill(operand Operand, v, to, n int, d block) {
	if o, ok := operand.(PanelOperand); ok && min(to, n)-v >= 2*s.width {
		whole := (min(to, n) - v) / s.width * s.width
		o.PackPanels(Packing{s.from(v, d)[:whole*d.depth], s.width, d.depth}, v, whole, d.first)
		v += whole
	}
	for ; v < to; v += s.width {
		width := s.widthAt(v)
		operand.Pack(s.at(v, d), width, v, min(width, n-v), d.first, d.depth)
	}
}

// Packed is a constant operand, packed once for one engine. As operand B of a product it is not
// packed again.
type Packed struct {
	panels
	n int // vectors
}

// Prepack packs n vectors of k elements, for use as B on this engine. Later changes of the
// operand's memory have no effect.
func (e *Engine) Prepack(b Operand, n, k int) *Packed {
	if n < 0 || k < 0 {
		panic(fmt.Sprintf("product: %d vectors of %d elements", n, k))
	}
	p := &Packed{n: n, panels: panels{width: e.kernel.cols, vectors: roundUp(n, e.kernel.colStep), block: block{0, k}}}
	p.data = floats(p.vectors * k)
	for _, d := range p.blocks() {
		p.fill(b, 0, n, n, d)
	}
	return p
}

// Pack implements [Operand], for all uses other than as B on the same path.
func (p *Packed) Pack(dst []float32, width, v, n, first, depth int) {
	if v < 0 || v+n > p.n || first < 0 || first+depth > p.depth {
		panic(fmt.Sprintf("product: vectors %d to %d, elements %d to %d of %d packed vectors of %d", v, v+n, first, first+depth, p.n, p.depth))
	}
	for d := range depth {
		row := dst[d*width : (d+1)*width]
		clear(row[n:])
		start := (first + d) / BlockDepth * BlockDepth
		in := block{start, min(BlockDepth, p.depth-start)}
		for i := range row[:n] {
			panel := (v + i) / p.width * p.width
			row[i] = p.at(panel, in)[(first+d-start)*p.widthAt(panel)+v+i-panel]
		}
	}
}

// roundUp is the smallest multiple of step that is not below n.
func roundUp(n, step int) int { return (n + step - 1) / step * step }
