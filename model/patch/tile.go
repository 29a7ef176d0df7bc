package patch

import (
	"context"
	"image"
)

// Settings of tiles.
const (
	tileLeast    = 15
	tileSteps    = 10
	tileAbove    = 2
	tileWindow   = .25
	tileStrength = 1
)

// Tile synthesizes a seamless texture from the patches of a picture: its opposite edges match.
func Tile(ctx context.Context, m Matcher, source *image.NRGBA, size image.Point, seed uint64, progress func(done, total int)) (*image.NRGBA, error) {
	levels, sizes, err := pyramid(ctx, m, premultiplied(source), tileLeast, size)
	if err != nil {
		return nil, err
	}
	n := len(levels) - 1
	g := &growth{m: m, alpha: usualAlpha, levels: levels, sizes: firsts(sizes), torus: true, first: tileSteps, steps: tileSteps, above: tileAbove, window: tileWindow, seed: seed}
	start := levels[n].mirrored(sizes[n][0])
	out, err := g.grow(ctx, noisy(start, tileStrength, seed), progress)
	if err != nil {
		return nil, err
	}
	return out.image(), nil
}

// mirrored is the centre of the picture at another size, or the picture surrounded by its mirror
// images.
func (p *picture) mirrored(size image.Point) *picture {
	out := newPicture(size.X, size.Y, p.c)
	for y := range out.h {
		for x := range out.w {
			sx, sy := folded(x+(p.w-out.w)/2, p.w), folded(y+(p.h-out.h)/2, p.h)
			copy(out.pix[(y*out.w+x)*p.c:][:p.c], p.pix[(sy*p.w+sx)*p.c:])
		}
	}
	return out
}

// folded maps a coordinate to [0, n) by mirroring.
func folded(x, n int) int {
	x = ((x % (2 * n)) + 2*n) % (2 * n)
	return min(x, 2*n-1-x)
}
