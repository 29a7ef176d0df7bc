package reduce

import "atelier/engine/threads"

const (
	part = 1 << 16 // values per part of a long reduction
	task = 1 << 15 // values per task

	short = 16 // run length that is not worth a call
)

// rows reduces contiguous runs. The runs of an output are divided into pieces of at most part
// values, and pieces are grouped to about as many.
func (r *reduction[T, A]) rows(pool *threads.Pool, out, in []T, p plan) {
	if p.length <= short && p.passes == nil {
		r.shortRows(pool, out, in, p.length)
		return
	}
	pieces := p.passes.count() * ceil(p.length, part)
	group := max(1, part/p.length)
	if pieces > group {
		r.longRows(pool, out, in, p, pieces, group)
		return
	}
	each := max(1, task/(p.length*p.passes.count())) // outputs per task
	pool.Run(ceil(len(out), each), func(_, t int) {
		var s scratch[A]
		to := out[t*each : min((t+1)*each, len(out))]
		acc := make([]A, len(to))
		for i := range acc {
			acc[i] = r.pieces(&s, in[p.outputs.offset(t*each+i):], p, 0, pieces)
		}
		r.store(to, acc)
	})
}

// shortRows reduces many short runs at once: the first values of all, then the second ones...
func (r *reduction[T, A]) shortRows(pool *threads.Pool, out, in []T, length int) {
	tile := min(512, len(out)) // runs
	each := ceil(task, length*tile)
	pool.Run(ceil(len(out), each*tile), func(_, t int) {
		var s scratch[A]
		acc, column := make([]A, tile), make([]T, tile)
		for from := t * each * tile; from < min((t+1)*each*tile, len(out)); from += tile {
			n := min(tile, len(out)-from)
			fill(acc[:n], r.identity)
			for k := range length {
				for i := range n {
					column[i] = in[(from+i)*length+k]
				}
				r.add(&s, acc[:n], column[:n])
			}
			r.store(out[from:from+n], acc[:n])
		}
	})
}

// longRows does the same if an output has several groups of pieces.
func (r *reduction[T, A]) longRows(pool *threads.Pool, out, in []T, p plan, pieces, group int) {
	groups := ceil(pieces, group)
	parts := make([]A, len(out)*groups) // [outputs, groups]
	pool.Run(len(parts), func(_, i int) {
		var s scratch[A]
		first := i % groups * group
		parts[i] = r.pieces(&s, in[p.outputs.offset(i/groups):], p, first, min(first+group, pieces))
	})
	var s scratch[A]
	acc := make([]A, len(out))
	for i := range acc {
		acc[i] = r.fold(&s, parts[i*groups:(i+1)*groups])
	}
	r.store(out, acc)
}

// pieces combines the pieces [first, last) of the output whose values start at in.
func (r *reduction[T, A]) pieces(s *scratch[A], in []T, p plan, first, last int) A {
	perRun := ceil(p.length, part)
	piece := func(i int) A {
		from := i % perRun * part
		return r.row(s, in[p.passes.offset(i/perRun)+from:][:min(part, p.length-from)])
	}
	if last-first == 1 {
		return piece(first)
	}
	parts := make([]A, 0, min(256, last-first))
	for i := first; i < last; i++ {
		if len(parts) == cap(parts) {
			parts = append(parts[:0], r.fold(s, parts))
		}
		parts = append(parts, piece(i))
	}
	return r.fold(s, parts)
}

func ceil(a, b int) int { return (a + b - 1) / b }
