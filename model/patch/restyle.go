package patch

import (
	"context"
	"image"
	"math"
)

// Restyling is how a picture is made of the patches of another.
type Restyling struct {
	Seed     uint64
	Strength float64 // 0 to 1: how coarse the forms are that become those of the style
}

// What a picture is restyled with.
const (
	restyleLeast = 20  // shorter side of the coarsest level at strength 1
	restyleAlpha = .02 // uses much of the style, and not all of it
	restyleHold  = 96  // of 256: what the content weighs in the query of each level
	restyleSteps = 6
)

// Restyle paints the content, of the size that it has, with the patches of a style, level by level
// from coarse to fine, as growth does, but from the content: before each search, what was painted
// so far is mixed with the content again, so that its forms stay (Elad and Milanfar 2017,
// doi:10.1109/TIP.2017.2678168; Granot et al. 2021).
func Restyle(ctx context.Context, m Matcher, content, style *image.NRGBA, r Restyling, progress func(done, total int)) (*image.NRGBA, error) {
	size := content.Bounds().Size()
	shortest := float64(min(size.X, size.Y))
	least := int(restyleLeast * math.Pow(max(shortest/restyleLeast, 1), 1-r.Strength))
	levels, sizes, err := pyramid(ctx, m, premultiplied(style), max(least, LeastSide), size)
	if err != nil {
		return nil, err
	}
	g := &growth{m: m, alpha: restyleAlpha, levels: levels, sizes: firsts(sizes), first: 2, steps: restyleSteps, above: varyAbove, window: varyWindow, seed: r.Seed}
	whole := premultiplied(content)
	for _, s := range g.sizes {
		guide, err := whole.resized(ctx, m, s.X, s.Y)
		if err != nil {
			return nil, err
		}
		g.guides = append(g.guides, guide)
	}
	out, err := g.grow(ctx, g.guides[g.coarsest()], progress)
	if err != nil {
		return nil, err
	}
	return out.image(), nil
}

// held is a picture mixed with another of the same size, of which so many parts of 256 are taken.
func (p *picture) held(by *picture, parts int) *picture {
	out := p.clone()
	for i, v := range by.pix {
		out.pix[i] = uint8((int(p.pix[i])*(256-parts) + int(v)*parts + 128) / 256)
	}
	return out
}
