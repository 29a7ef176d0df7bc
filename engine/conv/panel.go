package conv

// most is the largest number of vectors packed together.
const most = 32

// A panel is a group of vectors packed together, in runs along the last axis of vectors.
type panel struct {
	n, count        int // vectors, runs
	offsets         [most]int
	runs            [most]vectorRun
	least, greatest [spatials]int // bounds of the vectors' positions
}

// A vectorRun is n consecutive vectors, the first of which is at a spot.
type vectorRun struct {
	first, n int
	spot
}

// panel sets p to n vectors.
func (l *lattice) panel(p *panel, v, n int) {
	p.n, p.count = n, 0
	inner := l.vectors[len(l.vectors)-1]
	for i := 0; i < n; {
		s, digit := locate(l.vectors, v+i)
		s = l.origin.plus(s)
		count := min(n-i, inner.size-digit)
		far := s.at
		if inner.bound >= 0 {
			far[inner.bound] += (count - 1) * inner.step
		}
		if i == 0 {
			p.least, p.greatest = s.at, far
		}
		for b := range far {
			p.least[b], p.greatest[b] = min(p.least[b], s.at[b]), max(p.greatest[b], far[b])
		}
		for j := range p.offsets[i : i+count] {
			p.offsets[i+j] = s.offset + j*inner.stride
		}
		p.runs[p.count] = vectorRun{i, count, s}
		p.count++
		i += count
	}
}

// whole reports whether all vectors of a panel are within the edges at n positions along an axis of
// depth, from a spot on.
func (l *lattice) whole(p *panel, s spot, a axis, n int) bool {
	for b, at := range s.at {
		far := p.greatest[b] + at
		if b == a.bound {
			far += (n - 1) * a.step
		}
		if p.least[b]+at < 0 || far >= l.limit[b] {
			return false
		}
	}
	return true
}
