package clean

// One picture is laid on another by moving its four edges: a crop moves them by a few
// hundredths of the side. Edges are in 256ths of a cell of the stamp.
const (
	farthest = 330 // about 4 % of the side
	unlike   = 200 // thousandths left before edges move with which pictures are not alike
	hopeless = 8   // times too much is left after the first step: it will not fit
	coarse   = 164 // 2 % of the side, the first step
	finest   = 20  // a quarter of a per cent, the last
)

// mayFit looks at few samples, and at edges moved once: it spares most pairs that are not
// alike the whole work.
func mayFit(a, b []byte, thousandths int) bool {
	l := laid{a: a, b: b, every: few}
	if l.left = l.residue(l.edges); l.left > unlike/1000. {
		return false
	}
	l.improve(coarse)
	return l.left <= hopeless*float64(thousandths)/1000
}

// fits reports whether b is a, or a part of a that lacks little.
func fits(a, b []byte, thousandths int) bool {
	most := float64(thousandths) / 1000
	l := laid{a: a, b: b, every: many}
	l.left = l.residue(l.edges)
	for step := coarse; step >= finest; step /= 2 {
		for range 2 {
			if l.left <= most {
				return true
			}
			if !l.improve(step) {
				break
			}
			if l.left > hopeless*most {
				return false
			}
		}
	}
	return l.left <= most
}

// A laid is a picture laid on another, and what is left of the other.
type laid struct {
	a, b  []byte
	every int    // cells between samples
	edges [4]int // left, right, top, bottom
	left  float64
}

// improve moves each edge by a step either way if that leaves less.
func (l *laid) improve(step int) (moved bool) {
	for k := range l.edges {
		for _, by := range [2]int{-step, step} {
			try := l.edges
			if try[k] += by; try[k] > farthest || try[k] < -farthest {
				continue
			}
			if left := l.residue(try); left < l.left {
				l.left, l.edges, moved = left, try, true
			}
		}
	}
	return moved
}

// Some cells of the second picture are compared, the first of a row not among them: cells
// at the edges may lie outside the first picture.
const (
	sampleFrom = 1
	many       = 2 // every other cell
	few        = 4
)

// A tap is where a sample lies in the first picture.
type tap struct {
	at  int
	far int32 // 256ths of the way to the next cell
}

func taps(low, high, every int) (t [stampSide / many]tap) {
	for i := range stampSide / every {
		x := 2*(sampleFrom+every*i) + 1
		u := min(max(low+x*(256*stampSide-low-high)/(2*stampSide)-128, 0), 256*(stampSide-1)-1)
		t[i] = tap{u >> 8, int32(u & 255)}
	}
	return t
}

// residue is what is left of b's variance, as a share of it, when a is laid on it with
// such edges and its levels are changed by the best of all curves of second degree.
func (l *laid) residue(edges [4]int) float64 {
	columns, rows := taps(edges[0], edges[1], l.every), taps(edges[2], edges[3], l.every)
	var m moments
	for i, r := range rows[:stampSide/l.every] {
		upper, lower := l.a[r.at*stampSide:][:stampSide], l.a[(r.at+1)*stampSide:][:stampSide]
		other := l.b[(sampleFrom+l.every*i)*stampSide:][:stampSide]
		for j, c := range columns[:stampSide/l.every] {
			top := int32(upper[c.at])*(256-c.far) + int32(upper[c.at+1])*c.far
			bottom := int32(lower[c.at])*(256-c.far) + int32(lower[c.at+1])*c.far
			p := int64(top*(256-r.far)+bottom*r.far) >> 12 // in 16ths of a level
			m.add(p, int64(other[sampleFrom+l.every*j]))
		}
	}
	return m.left()
}
