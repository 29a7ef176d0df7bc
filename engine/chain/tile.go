package chain

import (
	"atelier/engine/simd"
	"atelier/engine/tensor"
)

// count is the number of values of a kind in a part.
func (t part) count(k kind) int {
	if k == perRow {
		return t.rows
	}
	return t.rows * t.cols
}

// tile runs every step on a part of the space.
func (r *run) tile(w *worker, t part, first bool) {
	r.locate(w, t)
	for i := range r.steps {
		s := &r.steps[i]
		switch s.kind {
		case mapping:
			r.mapped(w, s, t)
		case expanding:
			expand(w.at[s.result], w.at[s.args[0]], t.cols)
		case reducing:
			s.reduce(w.at[s.result], w.at[s.args[0]], t.cols)
		case loading:
			r.load(w.at[s.result], r.values[s.result], t)
		case storing:
			r.store(w.at[s.args[0]], s, t)
		case summing:
			r.parts[s.at].add(&w.sums[s.at], w.at[s.args[0]], t, first)
		}
	}
}

// locate finds the location of each value for a part.
func (r *run) locate(w *worker, t part) {
	at := t.row*r.space.Cols + t.col
	for i := range r.values {
		v := &r.values[i]
		n := t.count(v.kind)
		switch v.place {
		case inTile:
			w.at[i] = w.tiles[v.index][:n]
		case inFixed:
			from := 0
			if v.kind == perElement {
				from = t.col // all rows are alike
			}
			w.at[i] = w.tiles[v.index][from : from+n]
		case inResult:
			from := at
			if v.kind == perRow {
				from = t.row
			}
			w.at[i] = r.out[v.index].floats[from : from+n : from+n]
		case inOperand:
			from := r.operands[v.index].layout.start(t.row) + t.col
			if v.kind == perRow {
				from = r.operands[v.index].layout.Offset + t.row
			}
			w.at[i] = r.in[v.index].floats[from : from+n : from+n]
		}
	}
}

func (r *run) mapped(w *worker, s *step, t part) {
	dst := w.at[s.result]
	n := len(dst)
	switch s.n {
	case 1:
		s.f1(dst, w.at[s.args[0]][:n])
	case 2:
		s.f2(dst, w.at[s.args[0]][:n], w.at[s.args[1]][:n])
	case 3:
		s.f3(dst, w.at[s.args[0]][:n], w.at[s.args[1]][:n], w.at[s.args[2]][:n])
	}
}

// expand repeats the value of each row along it.
func expand(dst, rows []float32, cols int) {
	for i, v := range rows[:len(dst)/max(cols, 1)] {
		fill(dst[i*cols:(i+1)*cols], v)
	}
}

// fill sets values, without a kernel call if they are few.
func fill(dst []float32, v float32) {
	if len(dst) > shortRow {
		simd.Fill(dst, v)
		return
	}
	for i := range dst {
		dst[i] = v
	}
}

// shortRow is the length below which a row is not worth a kernel call.
const shortRow = 16

// reduce reduces each row.
func (s *step) reduce(dst, src []float32, cols int) {
	for i := range dst {
		row := src[i*cols : (i+1)*cols]
		switch {
		case !s.short:
			dst[i] = s.row(row)
		case s.adds:
			sum := float32(0)
			for _, v := range row {
				sum += v
			}
			dst[i] = sum
		default:
			dst[i] = s.row(nil) // the identity
			for k := range row {
				s.f2(dst[i:i+1], dst[i:i+1], row[k:k+1])
			}
		}
	}
}

// store writes values to a result.
func (r *run) store(src []float32, s *step, t part) {
	at := t.row*r.space.Cols + t.col
	if r.values[s.args[0]].kind == perRow {
		at = t.row
	}
	to := r.out[s.at]
	if s.bools {
		r.kernels.ToBool(tensor.As[bool](to.bytes)[at:at+len(src)], src)
		return
	}
	copy(to.floats[at:at+len(src)], src)
}
