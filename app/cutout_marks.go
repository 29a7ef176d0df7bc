package app

import (
	"context"
	"image"
	"math"

	"atelier/model/cutout"
)

// mostSegmented is how many pixels are told apart; of larger pictures a reduced copy is, and only
// the transparency of the edge is looked for in the picture itself.
const mostSegmented = 400_000

// trimap is the one that was given, or a band along the edge of what the marks make the subject.
func (a Cutout) trimap(ctx context.Context, env *Env, g *given) ([]uint8, error) {
	size := g.size()
	if a.Trimap.Given() {
		t, err := sameSize(env, a.Trimap, g)
		if err != nil {
			return nil, err
		}
		trimap := make([]uint8, size.X*size.Y)
		for i := range trimap {
			switch l := lightness(t.Pixels.Pix[4*i:]); {
			case l > 250:
				trimap[i] = cutout.Inside
			case l >= 5:
				trimap[i] = cutout.Unknown
			}
		}
		return trimap, nil
	}
	marks, err := a.marks(env, g)
	if err != nil {
		return nil, err
	}
	small, factor := g.Pixels, 1.0
	if pixels := size.X * size.Y; pixels > mostSegmented {
		factor = math.Sqrt(float64(pixels) / mostSegmented)
		small = resized(small, image.Pt(max(1, int(float64(size.X)/factor)), max(1, int(float64(size.Y)/factor))))
		marks = nearestOf(marks, size, small.Rect.Size())
	}
	inside, err := cutout.Segment(ctx, small, marks, env.progress)
	if err != nil {
		return nil, err
	}
	edge := a.Edge
	if factor > 1 {
		inside = nearestOf(inside, small.Rect.Size(), size)
		edge = max(a.Edge, int(math.Ceil(factor)))
	}
	return cutout.Band(inside, size.X, edge), nil
}

// nearestOf takes the nearest values of a picture in another size.
func nearestOf[T any](values []T, from, to image.Point) []T {
	out := make([]T, to.X*to.Y)
	for i := range out {
		x, y := i%to.X, i/to.X
		out[i] = values[y*from.Y/to.Y*from.X+x*from.X/to.X]
	}
	return out
}

func lightness(p []uint8) int { return (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2])) / 1000 }

// marks are what box, boxes and strokes say of each pixel; strokes go before boxes.
func (a Cutout) marks(env *Env, g *given) ([]cutout.Mark, error) {
	size := g.size()
	marks := make([]cutout.Mark, size.X*size.Y)
	usual := cutout.MaybeBackground // where nothing says that anything is background
	if len(a.Drop) > 0 || a.Marks.Given() {
		usual = cutout.Unmarked
	}
	if len(a.Box) > 0 {
		usual = cutout.Background
	}
	for i := range marks {
		marks[i] = usual
	}
	for _, set := range []struct {
		input string
		words []string
		mark  cutout.Mark
	}{{"box", a.Box, cutout.MaybeSubject}, {"drop", a.Drop, cutout.Background}, {"keep", a.Keep, cutout.Subject}} {
		boxes, err := parseBoxes(set.input, set.words)
		if err != nil {
			return nil, err
		}
		for _, b := range boxes {
			if err := g.within(set.input, b); err != nil {
				return nil, err
			}
			for y := b.Min.Y; y < b.Max.Y; y++ {
				for x := b.Min.X; x < b.Max.X; x++ {
					marks[y*size.X+x] = set.mark
				}
			}
		}
	}
	if !a.Marks.Given() {
		return marks, nil
	}
	m, err := sameSize(env, a.Marks, g)
	if err != nil {
		return nil, err
	}
	for i := range marks {
		switch stroke(m.Pixels.Pix[4*i:]) {
		case 1:
			marks[i] = cutout.Subject
		case -1:
			marks[i] = cutout.Background
		}
	}
	return marks, nil
}

// stroke is what a pixel of a picture of strokes says: 1 for subject, -1 for background, 0 for
// nothing.
func stroke(p []uint8) int {
	const clear, strong, bright, dark = 128, 80, 230, 25
	r, g, b := int(p[0]), int(p[1]), int(p[2])
	switch {
	case p[3] < clear:
		return 0
	case g-max(r, b) > strong || min(r, g, b) > bright:
		return 1
	case r-max(g, b) > strong || max(r, g, b) < dark:
		return -1
	}
	return 0
}
