package clean

// One picture is laid on another by moving its four edges: a crop moves them by a few
// hundredths of the side. Edges are in 256ths of a cell of the stamp.
const (
	farthest = 330 // about 4 % of the side
	unlike   = 200 // thousandths left before edges move with which pictures are not alike
	hopeless = 7   // times too much is left after the first step: it will not fit
	coarse   = 164 // 2 % of the side, the first step
	finest   = 20  // a quarter of a per cent, the last
)

// fits reports whether b is a, or a part of a that lacks little.
func fits(a, b []byte, thousandths int) bool {
	most := float64(thousandths) / 1000
	l := laid{a: a, b: b}
	if l.left = residue(a, b, l.edges); l.left > unlike/1000. {
		return false
	}
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
			if left := residue(l.a, l.b, try); left < l.left {
				l.left, l.edges, moved = left, try, true
			}
		}
	}
	return moved
}

// Every other cell of the second picture is compared, without the first: cells at the edges
// may lie outside the first.
const (
	sampleFrom   = 1
	sampleStep   = 2
	stampSamples = stampSide / sampleStep
)

// A tap is where a sample lies in the first picture.
type tap struct {
	at  int
	far int32 // 256ths of the way to the next cell
}

func taps(low, high int) (t [stampSamples]tap) {
	for i := range t {
		x := 2*(sampleFrom+sampleStep*i) + 1
		u := min(max(low+x*(256*stampSide-low-high)/(2*stampSide)-128, 0), 256*(stampSide-1)-1)
		t[i] = tap{u >> 8, int32(u & 255)}
	}
	return t
}

// residue is what is left of b's variance, as a share of it, when a is laid on it with
// such edges and its levels are changed by the best of all curves of second degree.
func residue(a, b []byte, edges [4]int) float64 {
	columns, rows := taps(edges[0], edges[1]), taps(edges[2], edges[3])
	var m moments
	for i, r := range rows {
		upper, lower := a[r.at*stampSide:][:stampSide], a[(r.at+1)*stampSide:][:stampSide]
		other := b[(sampleFrom+sampleStep*i)*stampSide:][:stampSide]
		for j, c := range columns {
			top := int32(upper[c.at])*(256-c.far) + int32(upper[c.at+1])*c.far
			bottom := int32(lower[c.at])*(256-c.far) + int32(lower[c.at+1])*c.far
			p := int64(top*(256-r.far)+bottom*r.far) >> 12 // in 16ths of a level
			m.add(p, int64(other[(sampleFrom+sampleStep*j)%stampSide]))
		}
	}
	return m.left()
}
