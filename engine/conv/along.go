package conv

// most is how many vectors are packed together.
const most = 32

// absent is the offset of a vector that is beyond an edge.
const absent = -1 << 62

// along packs a lattice whose vectors are contiguous for a while: the last axis of
// depth has stride 1. tap is the axis before it, if it goes on where that one ends
// and values may be missing along it; otherwise of size 1.
type along struct {
	lattice
	outer  []axis // of depth, without tap and the last one
	tap    axis
	unit   int // elements of a tap
	gather gather
}

// A gather writes dst[p*width+i] = src[base+offsets[i]+p] for p < depth, and 0
// where the offset is absent.
type gather func(dst []float32, width int, src []float32, base int, offsets []int, depth int)

// newAlong returns the operand, or nil if the lattice is not of this kind.
func newAlong(l lattice, g gather) *along {
	n := len(l.depth) - 1
	last := l.depth[n]
	if last.stride != 1 || l.vectors[len(l.vectors)-1].stride == 1 {
		return nil
	}
	none := axis{size: 1, bound: -1}
	if last.bound >= 0 {
		if last.step != 1 {
			return nil
		}
		return &along{l, outer(l.depth[:n]), last, 1, g}
	}
	if n > 0 {
		if t := l.depth[n-1]; t.bound >= 0 && t.step == 1 && t.stride == last.size {
			return &along{l, outer(l.depth[:n-1]), t, last.size, g}
		}
	}
	return &along{l, outer(l.depth[:n]), none, last.size, g}
}

func outer(axes []axis) []axis {
	if len(axes) == 0 {
		return []axis{{size: 1, bound: -1}}
	}
	return axes
}

// A panel is the vectors that are packed together.
type panel struct {
	n        int
	spots    [most]spot
	least    [spatials]int // of the vectors' places
	greatest [spatials]int
}

// Pack implements product.Operand.
func (l *along) Pack(dst []float32, width, v, n, first, depth int) {
	for i := 0; i < n; i += most {
		p := l.panel(v+i, min(most, n-i))
		l.fill(dst[i:], width, &p, first, depth)
	}
	if n < width {
		zero(dst[n:], width, width-n, depth)
	}
}

// panel locates n vectors.
func (l *along) panel(v, n int) panel {
	p := panel{n: n}
	inner := l.vectors[len(l.vectors)-1]
	for i := 0; i < n; {
		s, digit := locate(l.vectors, v+i)
		s = l.origin.plus(s)
		for range min(n-i, inner.size-digit) {
			p.spots[i] = s
			i++
			s.offset += inner.stride
			if inner.bound >= 0 {
				s.at[inner.bound] += inner.step
			}
		}
	}
	p.least, p.greatest = p.spots[0].at, p.spots[0].at
	for _, s := range p.spots[1:n] {
		for b, at := range s.at {
			p.least[b], p.greatest[b] = min(p.least[b], at), max(p.greatest[b], at)
		}
	}
	return p
}

// fill packs a panel, run after run of contiguous depth.
func (l *along) fill(dst []float32, width int, p *panel, first, depth int) {
	length := l.tap.size * l.unit
	var offsets [most]int
	for i := range p.n {
		offsets[i] = p.spots[i].offset
	}
	for d := 0; d < depth; {
		s, _ := locate(l.outer, (first+d)/length)
		from := (first + d) % length
		count := min(depth-d, length-from)
		to := dst[d*width:]
		if l.whole(p, s) {
			l.gather(to, width, l.data, s.offset+from, offsets[:p.n], count)
		} else {
			l.clipped(to, width, p, s, from, count)
		}
		d += count
	}
}

// whole says whether all vectors of a panel have all taps at a spot.
func (l *along) whole(p *panel, s spot) bool {
	for b, at := range s.at {
		far := p.greatest[b] + at
		if b == l.tap.bound {
			far += l.tap.size - 1
		}
		if p.least[b]+at < 0 || far >= l.limit[b] {
			return false
		}
	}
	return true
}

// clipped packs a run of which some vectors lack some or all taps.
func (l *along) clipped(dst []float32, width int, p *panel, s spot, from, count int) {
	var offsets [most]int
	var partial [most]int // vectors with some taps
	partials := 0
	for i := range p.n {
		at := p.spots[i].plus(s)
		offsets[i] = absent
		if !l.present(at, l.tap.bound, -1) {
			continue
		}
		switch lo, hi := l.part(at, from, count); {
		case hi-lo == count:
			offsets[i] = p.spots[i].offset
		case hi > lo:
			partial[partials] = i
			partials++
		}
	}
	l.gather(dst, width, l.data, s.offset+from, offsets[:p.n], count)
	for _, i := range partial[:partials] {
		at := p.spots[i].plus(s)
		lo, hi := l.part(at, from, count)
		for j, x := range l.data[at.offset+lo : at.offset+hi] {
			dst[(lo-from+j)*width+i] = x
		}
	}
}

// part is the range of elements of a run that are within the edges.
func (l *along) part(at spot, from, count int) (lo, hi int) {
	lo, hi = l.lattice.along(l.tap, at, l.tap.size)
	lo, hi = max(lo*l.unit, from), min(hi*l.unit, from+count)
	return lo, max(lo, hi)
}
