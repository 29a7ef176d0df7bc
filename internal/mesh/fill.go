package mesh

import (
	"cmp"
	"math"
	"slices"
)

// Points are those of the outer loop and, after them, of the holes.
func (r Region) Points() Loop {
	points := slices.Clone(r.Outer)
	for _, h := range r.Holes {
		points = append(points, h...)
	}
	return points
}

// Triangles divide the region, by cutting ears (Meisters 1975) after holes were joined to the outer
// loop (Eberly, "Triangulation by Ear Clipping", 2002): indices of its points, each in the order of
// the outer loop, which must be counterclockwise with Y upwards, its holes clockwise. A loop that
// crosses itself is divided as well as that goes.
func (r Region) Triangles() [][3]uint32 {
	c := &clipping{points: r.Points()}
	ring := make([]int, len(r.Outer))
	for i := range ring {
		ring[i] = i
	}
	at := len(ring)
	var holes [][]int
	for _, h := range r.Holes {
		hole := make([]int, len(h))
		for i := range hole {
			hole[i] = at + i
		}
		at += len(h)
		holes = append(holes, hole)
	}
	right := func(hole []int) int { // index of the point farthest to the right
		best := 0
		for i, p := range hole {
			if c.points[p][0] > c.points[hole[best]][0] {
				best = i
			}
		}
		return best
	}
	slices.SortStableFunc(holes, func(a, b []int) int {
		return cmp.Compare(c.points[b[right(b)]][0], c.points[a[right(a)]][0])
	})
	for _, hole := range holes {
		ring = c.bridged(ring, hole, right(hole))
	}
	c.clip(ring)
	return c.triangles
}

// A clipping cuts ears off a polygon.
type clipping struct {
	points    Loop
	triangles [][3]uint32
}

// turn is twice the area of a triangle, positive if it is counterclockwise.
func (c *clipping) turn(i, j, k int) float64 {
	a, b, d := c.points[i], c.points[j], c.points[k]
	return (b[0]-a[0])*(d[1]-a[1]) - (b[1]-a[1])*(d[0]-a[0])
}

// bridged joins a hole to a ring, from its point farthest to the right.
func (c *clipping) bridged(ring, hole []int, at int) []int {
	m := c.points[hole[at]]
	best, hit := -1, math.Inf(1)
	for i, p := range ring { // the nearest side to the right, which runs upwards
		a, b := c.points[p], c.points[ring[(i+1)%len(ring)]]
		if a[1] > m[1] || b[1] < m[1] || a[1] == b[1] {
			continue
		}
		if x := a[0] + (m[1]-a[1])*(b[0]-a[0])/(b[1]-a[1]); x >= m[0] && x < hit {
			hit, best = x, i
			if b[0] > a[0] {
				best = (i + 1) % len(ring)
			}
		}
	}
	if best < 0 {
		return ring // it is not inside
	}
	// A point of the ring between the hole and that side is nearer, and seen if none is at a
	// smaller angle.
	p := c.points[ring[best]]
	steep := math.Inf(1)
	for i, q := range ring {
		v := c.points[q]
		if v[0] < m[0] || !inTriangle(v, m, [2]float64{hit, m[1]}, p) || !c.sees(ring, i, m) {
			continue
		}
		slope := math.Abs(v[1]-m[1]) / max(v[0]-m[0], 1e-12)
		if slope < steep || slope == steep && v[0] < c.points[ring[best]][0] {
			steep, best = slope, i
		}
	}
	joined := slices.Clone(ring[:best+1])
	joined = append(append(joined, hole[at:]...), hole[:at+1]...)
	return append(joined, ring[best:]...)
}

// sees reports whether a point is inside the corner of a ring.
func (c *clipping) sees(ring []int, i int, at [2]float64) bool {
	n := len(ring)
	a, b, d := c.points[ring[(i+n-1)%n]], c.points[ring[i]], c.points[ring[(i+1)%n]]
	side := func(p, q [2]float64) float64 { return (q[0]-p[0])*(at[1]-p[1]) - (q[1]-p[1])*(at[0]-p[0]) }
	if c.turn(ring[(i+n-1)%n], ring[i], ring[(i+1)%n]) >= 0 {
		return side(a, b) >= 0 && side(b, d) >= 0
	}
	return side(a, b) >= 0 || side(b, d) >= 0
}

// inTriangle reports whether a point is in a triangle of any orientation, or on its edge.
func inTriangle(p, a, b, d [2]float64) bool {
	side := func(a, b [2]float64) float64 { return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0]) }
	x, y, z := side(a, b), side(b, d), side(d, a)
	return x >= 0 && y >= 0 && z >= 0 || x <= 0 && y <= 0 && z <= 0
}

// clip cuts ears until a triangle is left. Where no corner is an ear, since those left are
// flat or the loop crosses itself, it cuts the smallest one.
func (c *clipping) clip(ring []int) {
	n := len(ring)
	before, after := make([]int, n), make([]int, n)
	for i := range ring {
		before[i], after[i] = (i+n-1)%n, (i+1)%n
	}
	at, tried := 0, 0
	for left := n; left > 3; {
		if tried < left && !c.isEar(ring, before, after, at) {
			at, tried = after[at], tried+1
			continue
		}
		if tried >= left {
			at = c.smallest(ring, before, after, at)
		}
		c.cut(ring[before[at]], ring[at], ring[after[at]])
		after[before[at]], before[after[at]] = after[at], before[at]
		at, left, tried = after[after[at]], left-1, 0 // not the next one, for fewer slivers
	}
	if n > 2 {
		c.cut(ring[before[at]], ring[at], ring[after[at]])
	}
}

// cut adds a triangle, unless it is flat.
func (c *clipping) cut(i, j, k int) {
	if c.turn(i, j, k) > 0 {
		c.triangles = append(c.triangles, [3]uint32{uint32(i), uint32(j), uint32(k)})
	}
}

// isEar reports whether a corner is convex, and no other reaches into it.
func (c *clipping) isEar(ring, before, after []int, at int) bool {
	i, j, k := ring[before[at]], ring[at], ring[after[at]]
	if c.turn(i, j, k) <= 0 {
		return false
	}
	a, b, d := c.points[i], c.points[j], c.points[k]
	for v := after[after[at]]; v != before[at]; v = after[v] {
		p := c.points[ring[v]]
		if p == a || p == b || p == d { // of a bridge
			continue
		}
		if inTriangle(p, a, b, d) && c.turn(ring[before[v]], ring[v], ring[after[v]]) <= 0 {
			return false
		}
	}
	return true
}

// smallest is the corner that is nearest to flat.
func (c *clipping) smallest(ring, before, after []int, from int) int {
	best, least := from, math.Inf(1)
	for at := after[from]; at != from; at = after[at] {
		if turn := math.Abs(c.turn(ring[before[at]], ring[at], ring[after[at]])); turn < least {
			best, least = at, turn
		}
	}
	return best
}
