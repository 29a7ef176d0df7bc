package chain

import "math"

// A partial holds the sums of the tasks.
type partial struct {
	*sum
	cols int
	each []float32 // over the rows: one row per task
	all  []float64 // over everything: one value per task
}

// running is the sum of a task in progress.
type running struct {
	tile []float32 // over the rows: row i of every tile is added to row i
	all  float64
}

// partials allocates the results of all tasks.
func (p *Program) partials() []partial {
	var out []partial
	for i := range p.sums {
		s := partial{sum: &p.sums[i], cols: p.space.Cols}
		if s.overall {
			s.all = make([]float64, p.cut.tasks)
		} else {
			s.each = make([]float32, p.cut.tasks*p.space.Cols)
		}
		out = append(out, s)
	}
	return out
}

// runningSums allocates the sums of a worker.
func (p *Program) runningSums() []running {
	out := make([]running, len(p.sums))
	for i := range p.sums {
		if !p.sums[i].overall {
			out[i].tile = make([]float32, p.cut.longestTile())
		}
	}
	return out
}

// identity is the identity element of a reduction.
func (s *sum) identity() float32 { return s.row(nil) }

// join joins two results.
func (s *sum) join(a, b float64) float64 {
	switch {
	case s.identity() == 0:
		return a + b
	case math.IsNaN(a) || math.IsNaN(b):
		return math.NaN()
	case s.identity() < 0:
		return max(a, b)
	}
	return min(a, b)
}

// add adds a tile to the sums of a task.
func (s *partial) add(r *running, values []float32, t part, first bool) {
	if s.overall {
		found := float64(s.row(values))
		if !first {
			found = s.join(r.all, found)
		}
		r.all = found
		return
	}
	acc := r.tile
	if first {
		fill(acc, s.identity())
	}
	s.sum.add(acc[:len(values)], acc[:len(values)], values)
}

// keepSums stores the sums of a task.
func (r *run) keepSums(w *worker, task int) {
	for i := range r.parts {
		s := &r.parts[i]
		if s.overall {
			s.all[task] = w.sums[i].all
			continue
		}
		tile := w.sums[i].tile
		to := s.each[task*s.cols : (task+1)*s.cols]
		copy(to, tile)
		for at := s.cols; at < len(tile); at += s.cols {
			s.sum.add(to, to, tile[at:at+s.cols])
		}
	}
}

// finish joins the sums of the tasks, in order.
func (r *run) finish() {
	for i := range r.parts {
		s, to := &r.parts[i], r.out[len(r.results)+i].floats
		if s.overall {
			total := float64(s.identity())
			for _, v := range s.all {
				total = s.join(total, v)
			}
			to[0] = float32(total)
			continue
		}
		to = to[:s.cols]
		fill(to, s.identity())
		for at := 0; at < len(s.each); at += s.cols {
			s.sum.add(to, to, s.each[at:at+s.cols])
		}
	}
}
