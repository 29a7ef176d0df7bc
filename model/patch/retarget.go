package patch

import (
	"context"
	"image"
)

// Settings of retargeting.
const (
	retargetLeast  = 28 // shorter side of the coarsest level
	retargetSteps  = 8
	retargetAbove  = 2
	retargetWindow = .1
	mostStretch    = 1.2 // from one size to the next
)

// Retarget changes a picture's size without stretching its contents: its coarsest level is
// stretched by a fifth at most and synthesized from patches of the source again, repeatedly, until
// it has the shape (Simakov 2008, Granot 2021).
func Retarget(ctx context.Context, m Matcher, source *image.NRGBA, size image.Point, seed uint64, progress func(done, total int)) (*image.NRGBA, error) {
	src := premultiplied(source)
	levels, sizes, err := pyramid(ctx, m, src, retargetLeast, size)
	if err != nil {
		return nil, err
	}
	use := usualAlpha // for a smaller picture, patches are removed so that all kinds remain
	if size.X*size.Y >= src.w*src.h {
		use = 1
	}
	n := len(levels) - 1
	at, goal := levels[n], sizes[n][0]
	for at.w != goal.X || at.h != goal.Y {
		next := image.Pt(towards(at.w, goal.X), towards(at.h, goal.Y))
		if at, err = at.resized(ctx, m, next.X, next.Y); err != nil {
			return nil, err
		}
		if next == goal {
			break // the growth continues from here
		}
		g := &growth{m: m, alpha: use, levels: levels[n:], sizes: []image.Point{next}, first: retargetSteps, window: retargetWindow, blurred: true,
			seed: key(seed, uint64(next.X), uint64(next.Y))}
		if at, err = g.grow(ctx, at, nil); err != nil {
			return nil, err
		}
	}
	g := &growth{m: m, alpha: use, levels: levels, sizes: firsts(sizes), first: retargetSteps, steps: retargetSteps, above: retargetAbove, window: retargetWindow, seed: seed}
	out, err := g.grow(ctx, at, progress)
	if err != nil {
		return nil, err
	}
	return out.image(), nil
}

// towards is the next size on the way from one to another.
func towards(from, to int) int {
	if to > from {
		return min(to, max(int(float64(from)*mostStretch), from+1))
	}
	return max(to, min(int(float64(from)/mostStretch), from-1))
}
