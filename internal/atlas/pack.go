// Package atlas packs pictures into sheets for games, and writes the atlas that says where each of
// them is.
package atlas

import (
	"cmp"
	"image"
	"math"
	"slices"

	"atelier/internal/badinput"
)

// Pack places rectangles of some sizes in a sheet without overlap, with a gap between them and to
// the edges, and returns the place of each and the size of the sheet, which is as small as the
// widths that it tries allow. Rectangles are not turned. It is the skyline method, bottom left
// (Jylänki 2010, A Thousand Ways to Pack the Bin), from the highest to the lowest.
func Pack(sizes []image.Point, gap, mostSide int) (places []image.Point, sheet image.Point, err error) {
	area, widest := 0, 0
	for _, s := range sizes {
		if s.X+2*gap > mostSide || s.Y+2*gap > mostSide {
			return nil, sheet, badinput.Errorf("a picture of %d×%d pixels does not fit into a sheet of %d×%d", s.X, s.Y, mostSide, mostSide)
		}
		area += (s.X + gap) * (s.Y + gap)
		widest = max(widest, s.X)
	}
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(sizes[b].Y, sizes[a].Y), cmp.Compare(sizes[b].X, sizes[a].X))
	})
	side := math.Sqrt(float64(area))
	for _, share := range []float64{0.7, 0.85, 1, 1.05, 1.1, 1.2, 1.35, 1.5, 2} {
		width := min(mostSide, max(widest+2*gap, int(side*share)+gap))
		tried, size := skyline(sizes, order, width, gap)
		if size.Y <= mostSide && (places == nil || size.X*size.Y < sheet.X*sheet.Y) {
			places, sheet = tried, size
		}
	}
	if tried, size := skyline(sizes, order, mostSide, gap); places == nil && size.Y <= mostSide {
		places, sheet = tried, size
	}
	if places == nil && len(sizes) > 0 {
		return nil, sheet, badinput.Errorf("%d pictures of %d pixels in all do not fit into a sheet of %d×%d: want fewer or smaller ones, or a larger sheet", len(sizes), area, mostSide, mostSide)
	}
	return places, sheet, nil
}

// A step of the skyline begins at x and goes to the next; y is what is taken there.
type step struct{ x, y int }

// skyline packs rectangles in an order into a sheet of a width.
func skyline(sizes []image.Point, order []int, width, gap int) (places []image.Point, used image.Point) {
	places = make([]image.Point, len(sizes))
	line := []step{{gap, gap}}
	for _, i := range order {
		s := sizes[i].Add(image.Pt(gap, gap))
		at, y := lowest(line, s.X, width)
		x := line[at].x
		places[i] = image.Pt(x, y)
		used.X, used.Y = max(used.X, x+s.X), max(used.Y, y+s.Y)
		line = raised(line, at, step{x, y + s.Y}, x+s.X)
	}
	return places, used
}

// lowest is the step at which a rectangle of a width lies lowest, and its y there.
func lowest(line []step, wide, width int) (best, y int) {
	best, y = -1, math.MaxInt
	for at := range line {
		if line[at].x+wide > width {
			break
		}
		top := 0
		for k := at; k < len(line) && line[k].x < line[at].x+wide; k++ {
			top = max(top, line[k].y)
		}
		if top < y {
			best, y = at, top
		}
	}
	if best < 0 { // wider than what is left of any step: at the left, above all
		best, y = 0, 0
		for _, s := range line {
			y = max(y, s.y)
		}
	}
	return best, y
}

// raised is the line with a new step from where one began to an end.
func raised(line []step, at int, to step, end int) []step {
	out := append(slices.Clone(line[:at]), to)
	last := to.y
	for k := at; k < len(line); k++ {
		if line[k].x >= end {
			break
		}
		last = line[k].y
	}
	k := slices.IndexFunc(line, func(s step) bool { return s.x >= end })
	if k < 0 || line[k].x > end {
		out = append(out, step{end, last})
	}
	if k >= 0 {
		out = append(out, line[k:]...)
	}
	return out
}
