package conv

import "atelier/engine/product"

// short is the run length below which rows are not located one by one.
const short = 8

// rows packs a lattice whose vectors are adjacent in memory, row by row: those of a kernel gradient
// with channels last.
type rows struct{ lattice }

// newRows returns the operand, or nil if the lattice is not of this form.
func newRows(l lattice) *rows {
	if inner := l.vectors[len(l.vectors)-1]; inner.stride != 1 || inner.bound >= 0 || inner.size < short {
		return nil
	}
	return &rows{l}
}

// Pack implements product.Operand.
func (l *rows) Pack(dst []float32, width, v, n, first, depth int) {
	l.PackPanels(product.Packing{Data: dst, Width: width, Depth: depth}, v, n, first)
	if n < width {
		zero(dst[n:], width, width-n, depth)
	}
}

// PackPanels implements product.PanelOperand.
func (l *rows) PackPanels(to product.Packing, v, n, first int) {
	var places [product.BlockDepth]int
	inner := l.vectors[len(l.vectors)-1]
	panel := to.Width * to.Depth
	for i := 0; i < n; {
		s, digit := locate(l.vectors, v+i)
		count := min(n-i, inner.size-digit)
		from := to
		from.Data = to.Data[i/to.Width*panel:]
		for d := 0; d < to.Depth; {
			some := places[:min(to.Depth-d, len(places))]
			l.places(some, l.origin.plus(s), first+d)
			from.PackRows(i%to.Width, d, l.data, some, count)
			d += len(some)
		}
		i += count
	}
}

// places finds the memory at a spot, from a depth element on.
func (l *rows) places(places []int, from spot, first int) {
	inner := l.depth[len(l.depth)-1]
	for d := 0; d < len(places); {
		s, digit := locate(l.depth, first+d)
		run := places[d:min(len(places), d+inner.size-digit)]
		s = from.plus(s)
		lo, hi := 0, 0
		if l.present(s, inner.bound, -1) {
			lo, hi = l.along(inner, s, len(run))
		}
		for i := range run[:lo] {
			run[i] = product.Absent
		}
		for i := lo; i < hi; i++ {
			run[i] = s.offset + i*inner.stride
		}
		for i := hi; i < len(run); i++ {
			run[i] = product.Absent
		}
		d += len(run)
	}
}
