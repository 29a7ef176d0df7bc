package conv

// along packs a lattice whose vectors have contiguous runs: the last axis of depth has stride 1.
// tap is the axis before it, if it continues the run and may reach beyond the edge; otherwise it
// has size 1.
type along struct {
	lattice
	outer []axis // of depth, without tap and the last one
	tap   axis
	unit  int // elements per tap
}

// newAlong returns the operand, or nil if the lattice is not of this form.
func newAlong(l lattice) *along {
	n := len(l.depth) - 1
	last := l.depth[n]
	a := &along{l, l.depth[:n], axis{size: 1, bound: -1}, last.size}
	switch {
	case last.stride != 1 || l.vectors[len(l.vectors)-1].stride == 1:
		return nil
	case last.bound >= 0:
		if last.step != 1 {
			return nil
		}
		a.tap, a.unit = last, 1
	case n > 0:
		if t := l.depth[n-1]; t.bound >= 0 && t.step == 1 && t.stride == last.size {
			a.outer, a.tap = l.depth[:n-1], t
		}
	}
	return a
}

// Pack implements product.Operand.
func (l *along) Pack(dst []float32, width, v, n, first, depth int) {
	var p panel
	for i := 0; i < n; i += most {
		l.panel(&p, v+i, min(most, n-i))
		l.fill(dst[i:], width, &p, first, depth)
	}
	if n < width {
		zero(dst[n:], width, width-n, depth)
	}
}

// fill packs a panel in contiguous runs of depth.
func (l *along) fill(dst []float32, width int, p *panel, first, depth int) {
	length := l.tap.size * l.unit
	for d := 0; d < depth; {
		s, _ := locate(l.outer, (first+d)/length)
		from := (first + d) % length
		count := min(depth-d, length-from)
		to := dst[d*width:]
		if l.whole(p, s, l.tap, l.tap.size) {
			l.packer.gather(to, width, l.data, s.offset+from, p.offsets[:p.n], count)
		} else {
			l.clipped(to, width, p, s, from, count)
		}
		d += count
	}
}

// clipped packs a contiguous run of depth, or a part of it, that reaches beyond the edge for some
// vectors.
func (l *along) clipped(dst []float32, width int, p *panel, s spot, from, count int) {
	offsets := p.offsets
	for _, r := range p.runs[:p.count] {
		lo, hi := l.unclipped(r, s)
		for i := range offsets[r.first : r.first+lo] {
			offsets[r.first+i] = absent
		}
		for i := hi; i < r.n; i++ {
			offsets[r.first+i] = absent
		}
	}
	l.packer.gather(dst, width, l.data, s.offset+from, offsets[:p.n], count)
	if l.tap.bound < 0 {
		return
	}
	for _, r := range p.runs[:p.count] {
		for i := r.first; i < r.first+r.n; i++ {
			if offsets[i] == absent {
				l.partial(dst[i:], width, r, i-r.first, s, from, count)
			}
		}
	}
}

// unclipped is the range of vectors of a run for which all taps are inside.
func (l *along) unclipped(r vectorRun, s spot) (lo, hi int) {
	inner := l.vectors[len(l.vectors)-1]
	at := r.spot.plus(s)
	if !l.present(at, inner.bound, l.tap.bound) {
		return 0, 0
	}
	if b := l.tap.bound; b >= 0 && b != inner.bound && (at.at[b] < 0 || at.at[b]+l.tap.size > l.limit[b]) {
		return 0, 0
	}
	if inner.bound < 0 {
		return 0, r.n
	}
	limit := l.limit[inner.bound]
	if inner.bound == l.tap.bound {
		limit -= l.tap.size - 1
	}
	return within(at.at[inner.bound], inner.step, r.n, limit)
}

// partial packs the taps inside the edges for vector i of a run, from a given one on.
func (l *along) partial(dst []float32, width int, r vectorRun, i int, s spot, from, count int) {
	inner := l.vectors[len(l.vectors)-1]
	at := r.spot.plus(s)
	at.offset += i * inner.stride
	if inner.bound >= 0 {
		at.at[inner.bound] += i * inner.step
	}
	if !l.present(at, l.tap.bound, -1) {
		return
	}
	lo, hi := within(at.at[l.tap.bound], 1, l.tap.size, l.limit[l.tap.bound])
	lo, hi = max(lo*l.unit, from), min(hi*l.unit, from+count)
	if lo >= hi {
		return
	}
	to := (lo - from) * width
	for _, x := range l.data[at.offset+lo : at.offset+hi] {
		dst[to] = x
		to += width
	}
}
