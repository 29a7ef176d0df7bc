package clean

// A picture is registered with another by moving its four edges; a crop moves them by a few
// hundredths of the side. Edges are in 256ths of a cell of the stamp.
const (
	farthest = 330 // about 4 % of the side
	coarse   = 82  // a hundredth of the side: the first step from the outline's estimate
	finest   = 20  // a quarter of a per cent: the last step
	hopeless = 2.5 // times too large a residue at the start: no match
	doubtful = 2   // times too large a residue after the first step
)

// A laid is a registration of one picture with another.
type laid struct {
	a, b  []byte // grey levels of stamps
	edges [4]int // left, right, top, bottom
	left  float64
}

// laidOn starts a registration from the outlines of two pictures.
func laidOn(a, b []byte) *laid {
	m := matched(a[outlineAt:], b[outlineAt:])
	l := &laid{a: a[greyAt:chromaAt], b: b[greyAt:chromaAt], edges: m.edges(a[outlineAt:])}
	l.left = l.residue(l.edges)
	return l
}

// fits reports whether b is a, or a crop of a with about those edges.
func (l *laid) fits(most float64) bool {
	limit := hopeless * most
	for step := coarse; step >= finest; step /= 2 {
		for range 2 {
			if l.left <= most {
				return true
			}
			if l.left > limit {
				return false
			}
			if limit = doubtful * most; !l.improve(step) {
				break
			}
		}
	}
	return l.left <= most
}

// improve moves each edge by a step in either direction if that lowers the residue.
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

// Only some cells of the second picture are compared, never the first of a row: cells at the edges
// may lie outside the first picture.
const (
	sampleFrom  = 1
	sampleEvery = 2
	sampleSide  = stampSide / sampleEvery // per side
)

// A tap is the position of a sample in the first picture.
type tap struct {
	at  int
	far int32 // 256ths of the way to the next cell
}

func taps(low, high int) (t [sampleSide]tap) {
	for i := range t {
		x := 2*(sampleFrom+sampleEvery*i) + 1
		u := min(max(low+x*(256*stampSide-low-high)/(2*stampSide)-128, 0), 256*(stampSide-1)-1)
		t[i] = tap{u >> 8, int32(u & 255)}
	}
	return t
}

// residue is the share of b's variance that is left when a is registered with those edges and its
// levels are mapped by the best polynomial of degree 2.
func (l *laid) residue(edges [4]int) float64 {
	columns, rows := taps(edges[0], edges[1]), taps(edges[2], edges[3])
	var m moments
	for i, r := range &rows {
		upper, lower := l.a[r.at*stampSide:][:stampSide], l.a[(r.at+1)*stampSide:][:stampSide]
		other := l.b[(sampleFrom+sampleEvery*i)*stampSide:][:stampSide]
		for j, c := range &columns {
			top := int32(upper[c.at])*(256-c.far) + int32(upper[c.at+1])*c.far
			bottom := int32(lower[c.at])*(256-c.far) + int32(lower[c.at+1])*c.far
			p := int64(top*(256-r.far)+bottom*r.far) >> 12 // in 16ths of a level
			m.add(p, int64(other[sampleFrom+sampleEvery*j]))
		}
	}
	return m.left()
}
