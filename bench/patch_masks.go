package bench

import (
	"image"
	"math"

	"atelier/internal/noise"
)

// A holeKind is a kind of hole.
type holeKind string

// The kinds of holes: a box over a ninth of the picture, strokes of the same area, and a large box.
const (
	boxHole    holeKind = "box"
	strokeHole holeKind = "strokes"
	largeHole  holeKind = "large"
)

// A holeCase is a photo and the hole in it.
type holeCase struct {
	photo string
	kind  holeKind
}

// holeCases are the cases of a set: every photo once in the first, and with another kind of hole in
// the second.
func holeCases(set int) []holeCase {
	photos := []string{"autumn-hills", "coffee", "pagoda", "cat", "forest-stream", "raccoon", "fig-bowl", "astronaut", "mountain-path", "dandelions", "rocket", "paint-brushes"}
	kinds := []holeKind{boxHole, strokeHole, largeHole}
	var all []holeCase
	for i, p := range photos {
		all = append(all, holeCase{p, kinds[(i/4+set)%3]})
	}
	return all
}

// The areas of holes as shares of the picture.
const (
	smallShare = .11
	largeShare = .285
)

// hole is the mask of a case for a given picture size, on which alone it depends.
func (c holeCase) hole(size image.Point, seed uint64) []bool {
	mask := make([]bool, size.X*size.Y)
	rng := noise.Stream(seed, uint64(len(c.photo)), uint64(c.photo[0])<<8|uint64(c.photo[1]))
	switch c.kind {
	case strokeHole:
		strokes(mask, size, rng.Float64)
	case largeHole:
		box(mask, size, largeShare, rng.Float64)
	default:
		box(mask, size, smallShare, rng.Float64)
	}
	return mask
}

// box marks a box somewhere in the middle of a picture, with its aspect ratio.
func box(mask []bool, size image.Point, share float64, random func() float64) {
	side := math.Sqrt(share)
	w, h := int(float64(size.X)*side), int(float64(size.Y)*side)
	margin := .08
	at := func(all, part int) int {
		free := float64(all-part) - 2*margin*float64(all)
		return int(margin*float64(all) + random()*max(free, 0))
	}
	x, y := at(size.X, w), at(size.Y, h)
	for i := range mask {
		mask[i] = image.Pt(i%size.X, i/size.X).In(image.Rect(x, y, x+w, y+h))
	}
}

// strokes marks wandering lines, a fortieth of the picture wide, until they cover the area of a
// small hole.
func strokes(mask []bool, size image.Point, random func() float64) {
	radius := max(float64(max(size.X, size.Y))/40, 1.5)
	goal, n := int(smallShare*float64(len(mask))), 0
	for n < goal {
		x, y := random()*float64(size.X), random()*float64(size.Y)
		dx, dy := random()*2-1, random()*2-1
		for range size.X / 3 {
			dx, dy = dx+(random()-.5)*.5, dy+(random()-.5)*.5
			long := max(dx*dx+dy*dy, .01)
			dx, dy = dx/math.Sqrt(long), dy/math.Sqrt(long)
			x, y = x+dx*radius/2, y+dy*radius/2
			n += dot(mask, size, x, y, radius)
			if n >= goal || x < 0 || y < 0 || x >= float64(size.X) || y >= float64(size.Y) {
				break
			}
		}
	}
}

// dot marks a disc, and returns the number of newly marked pixels.
func dot(mask []bool, size image.Point, cx, cy, radius float64) (n int) {
	for y := max(int(cy-radius), 0); y <= min(int(cy+radius), size.Y-1); y++ {
		for x := max(int(cx-radius), 0); x <= min(int(cx+radius), size.X-1); x++ {
			dx, dy := float64(x)-cx, float64(y)-cy
			if i := y*size.X + x; dx*dx+dy*dy <= radius*radius && !mask[i] {
				mask[i] = true
				n++
			}
		}
	}
	return n
}
