package chain

import "atelier/engine/simd"

// load reads the rows of an operand.
func (r *run) load(dst []float32, v value, t part) {
	o := &r.operands[v.operand]
	l := &o.layout
	switch {
	case v.kind == perRow:
		r.read(dst, v.operand, l.Offset+t.row, false)
		return
	case l.dense(r.space):
		r.read(dst, v.operand, l.start(t.row)+t.col, false)
		return
	}
	var w walk
	w.begin(l, t.row)
	if o.load == nil && t.cols <= shortRow {
		w.short(dst, r.in[v.operand].floats, t.cols, l.Constant)
		return
	}
	for last, before := -1, dst; len(dst) > 0; dst = dst[t.cols:] {
		switch {
		case !l.Constant:
			r.read(dst[:t.cols], v.operand, w.at+t.col, false)
		case w.at == last:
			fill(dst[:t.cols], before[0])
		default:
			r.read(dst[:t.cols], v.operand, w.at, true)
		}
		last, before = w.at, dst
		w.next()
	}
}

// read reads contiguous values of an operand, or a constant.
func (r *run) read(dst []float32, operand, at int, constant bool) {
	n := len(dst)
	if constant {
		n = 1
	}
	if n == 0 || len(dst) == 0 {
		return
	}
	m := r.in[operand]
	if load := r.operands[operand].load; load != nil {
		size := r.operands[operand].dtype.Size()
		load(dst[:n], m.bytes[at*size:(at+n)*size])
	} else {
		copy(dst[:n], m.floats[at:at+n])
	}
	if constant {
		simd.Fill(dst, dst[0])
	}
}

// A walk steps through the rows of an operand, without divisions if it has few axes.
type walk struct {
	layout *Layout
	row    int
	at     int    // offset of the row
	left   [8]int // steps left on each axis
}

// begin moves to a row.
func (w *walk) begin(l *Layout, row int) {
	w.layout, w.row, w.at = l, row, l.start(row)
	if len(l.Rows) > len(w.left) {
		return
	}
	for k := len(l.Rows) - 1; k >= 0; k-- {
		size := l.Rows[k].Size
		w.left[k] = size - row%size
		row /= size
	}
}

// next moves to the next row.
func (w *walk) next() {
	axes := w.layout.Rows
	if len(axes) > len(w.left) {
		w.row++
		w.at = w.layout.start(w.row)
		return
	}
	for k := len(axes) - 1; k >= 0; k-- {
		w.at += axes[k].Stride
		if w.left[k]--; w.left[k] > 0 {
			return
		}
		w.left[k] = axes[k].Size
		w.at -= axes[k].Size * axes[k].Stride
	}
}

// short reads rows too short for a kernel call each.
func (w *walk) short(dst, src []float32, cols int, constant bool) {
	for ; len(dst) > 0; dst = dst[cols:] {
		row := dst[:cols]
		if constant {
			fill(row, src[w.at])
		} else {
			copy(row, src[w.at:w.at+cols])
		}
		w.next()
	}
}
