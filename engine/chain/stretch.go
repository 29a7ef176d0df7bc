package chain

import "atelier/engine/tensor"

// Stretches reports whether a program can be run in stretches: it has no per-row values and no
// sums.
func (p *Program) Stretches() bool { return !p.space.Whole && len(p.sums) == 0 }

// Dense reports whether an operand is float32 and read element by element, as a result is written.
func (p *Program) Dense(operand int) bool {
	o := &p.operands[operand]
	v := p.values[o.value]
	return v.place == inOperand && v.kind == perElement && o.layout.Offset == 0 && o.layout.dense(p.space)
}

// A Stretched is a run in stretches, driven by the producer of its input.
type Stretched struct{ r *run }

// Begin starts a run in stretches.
func (p *Program) Begin(out, in []tensor.Tensor) Stretched {
	if !p.Stretches() {
		panic("chain: a program with values of rows, or sums, runs as a whole")
	}
	return Stretched{p.begin(0, out, in)}
}

// End ends the run.
func (s Stretched) End() {
	s.r.idle = s.r.idle[:0]
	s.r.free.give(s.r)
}

// Do computes the n values from at on, counted through the space. Several threads may call it at
// once.
func (s Stretched) Do(at, n int) {
	r := s.r
	w := r.worker()
	space := r.space
	for n > 0 {
		t := part{row: at / space.Cols, rows: 1, col: at % space.Cols}
		t.cols = min(n, space.Cols-t.col, tileSize)
		if t.cols == space.Cols {
			t.rows = min(r.cut.rows, n/space.Cols)
		}
		r.tile(w, t, true)
		at, n = at+t.rows*t.cols, n-t.rows*t.cols
	}
	r.mu.Lock()
	r.idle = append(r.idle, w)
	r.mu.Unlock()
}

// worker is an idle worker, with its fixed tiles filled.
func (r *run) worker() *worker {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.idle); n > 0 {
		w := r.idle[n-1]
		r.idle = r.idle[:n-1]
		return w
	}
	w := &worker{}
	r.ready(w)
	return w
}
