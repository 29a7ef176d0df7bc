package mesh

import (
	"cmp"
	"math"
	"slices"
)

// A Loop is a closed polygon in the plane, whose last point is joined to the first.
type Loop [][2]float64

// Area is the signed area of a loop, positive if it runs counterclockwise with Y upwards, or
// clockwise with Y downwards as in pictures.
func (l Loop) Area() (sum float64) {
	for i, p := range l {
		q := l[(i+1)%len(l)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return sum / 2
}

// contains reports whether a point is inside the loop.
func (l Loop) contains(at [2]float64) (in bool) {
	for i, p := range l {
		q := l[(i+1)%len(l)]
		if (p[1] > at[1]) != (q[1] > at[1]) && at[0] < p[0]+(at[1]-p[1])*(q[0]-p[0])/(q[1]-p[1]) {
			in = !in
		}
	}
	return in
}

// Outlines are the curves where a field crosses one half, by marching squares (Lorensen and Cline,
// "Marching Cubes", 1987, in the plane), in steps of the grid from its upper left point. Beyond its
// edges the field is zero. What is above one half lies to the right of a curve as pictures are seen,
// so that loops around it have a positive [Loop.Area], and holes a negative one.
func (f Field) Outlines() (all []Loop) {
	const half = 0.5
	w, h := f.W+2, f.H+2 // with an edge of zeros
	at := func(x, y int) float64 {
		if x < 1 || y < 1 || x > f.W || y > f.H {
			return 0
		}
		return float64(f.Heights[(y-1)*f.W+x-1])
	}
	// Each edge of the grid that a curve crosses has a number: 2i to the right of point i, 2i+1
	// below it. A curve leads from edge to edge.
	next := make([]int32, 2*w*h)
	for i := range next {
		next[i] = -1
	}
	for y := range h - 1 {
		for x := range w - 1 {
			i := int32(2 * (y*w + x))
			top, left, bottom, right := i, i+1, i+int32(2*w), i+3
			corners := [4]float64{at(x, y), at(x+1, y), at(x+1, y+1), at(x, y+1)}
			kind := 0
			for k, v := range corners {
				if v > half {
					kind |= 1 << k
				}
			}
			joined := (corners[0]+corners[1]+corners[2]+corners[3])/4 > half
			for _, s := range squares(kind, joined, [4]int32{top, right, bottom, left}) {
				next[s[0]] = s[1]
			}
		}
	}
	for first := range next {
		var loop Loop
		for e := int32(first); next[e] >= 0; {
			x, y := int(e/2)%w, int(e/2)/w
			a, b := at(x, y), 0.0
			p := [2]float64{float64(x - 1), float64(y - 1)}
			if axis := e & 1; axis == 0 {
				b = at(x+1, y)
			} else {
				b = at(x, y+1)
			}
			p[e&1] += (half - a) / (b - a)
			loop = append(loop, p)
			e, next[e] = next[e], -1
		}
		if len(loop) > 2 {
			all = append(all, loop)
		}
	}
	return all
}

// squares are the pieces of curve in a square, from edge to edge with the inside to the right. The
// bits of kind are its corners that are inside, clockwise from the upper left one, edges are in the
// same order; joined says whether two corners across are joined by the middle.
func squares(kind int, joined bool, edges [4]int32) (all [][2]int32) {
	// Clockwise around the square, a curve leaves where the inside ends and enters where it begins.
	var enter, leave []int // edges after a corner that is outside, and inside
	for k := range 4 {
		in, then := kind>>k&1, kind>>((k+1)%4)&1
		switch {
		case in == 0 && then == 1:
			enter = append(enter, k)
		case in == 1 && then == 0:
			leave = append(leave, k)
		}
	}
	for i, from := range leave {
		to := enter[i]
		if len(leave) == 2 {
			// The inside corner before the edge from is cut off alone if the middle is outside.
			before := (from + 3) % 4
			after := (from + 1) % 4
			to = before
			if joined {
				to = after
			}
		}
		all = append(all, [2]int32{edges[from], edges[to]})
	}
	return all
}

// Simplified is the loop with fewer points, none of which was farther than a tolerance from it
// (Ramer 1972; Douglas and Peucker 1973).
func (l Loop) Simplified(tolerance float64) Loop {
	if len(l) < 5 {
		return l
	}
	far := 0
	for i, p := range l {
		if apart(p, l[0]) > apart(l[far], l[0]) {
			far = i
		}
	}
	keep := make([]bool, len(l))
	keep[0], keep[far] = true, true
	stack := [][2]int{{0, far}, {far, len(l)}}
	for len(stack) > 0 {
		from, to := stack[len(stack)-1][0], stack[len(stack)-1][1]
		stack = stack[:len(stack)-1]
		most, at := tolerance, -1
		for i := from + 1; i < to; i++ {
			if d := beside(l[i], l[from], l[to%len(l)]); d > most {
				most, at = d, i
			}
		}
		if at >= 0 {
			keep[at] = true
			stack = append(stack, [2]int{from, at}, [2]int{at, to})
		}
	}
	var out Loop
	for i, p := range l {
		if keep[i] {
			out = append(out, p)
		}
	}
	return out
}

func apart(p, q [2]float64) float64 { return math.Hypot(p[0]-q[0], p[1]-q[1]) }

// beside is the distance of a point from a segment.
func beside(p, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	length := dx*dx + dy*dy
	if length == 0 {
		return apart(p, a)
	}
	t := min(max(((p[0]-a[0])*dx+(p[1]-a[1])*dy)/length, 0), 1)
	return apart(p, [2]float64{a[0] + t*dx, a[1] + t*dy})
}

// A Region is a loop with holes in it.
type Region struct {
	Outer Loop
	Holes []Loop
}

// Regions sorts loops into regions, the largest first, and leaves out those whose area is smaller
// than least.
func Regions(loops []Loop, least float64) (all []Region) {
	var holes []Loop
	for _, l := range loops {
		switch area := l.Area(); {
		case area >= least && len(l) > 2:
			all = append(all, Region{Outer: l})
		case -area >= least && len(l) > 2:
			holes = append(holes, l)
		}
	}
	slices.SortStableFunc(all, func(a, b Region) int { return cmp.Compare(b.Outer.Area(), a.Outer.Area()) })
	for _, h := range holes {
		for i := len(all) - 1; i >= 0; i-- { // the smallest one around it
			if all[i].Outer.contains(h[0]) {
				all[i].Holes = append(all[i].Holes, h)
				break
			}
		}
	}
	return all
}
