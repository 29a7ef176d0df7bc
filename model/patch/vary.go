package patch

import (
	"context"
	"image"
	"math"

	"atelier/internal/noise"
)

// A Variation says how a similar picture is synthesized.
type Variation struct {
	Seed     uint64
	Strength float64 // of the noise at the coarsest level, in half ranges; 0 gives the source
}

// UsualStrength is a Strength that gives another picture of a landscape.
const UsualStrength = 3

// Settings of variations.
const (
	varyLeast  = 15    // shorter side of the coarsest level
	varyLevel  = 16000 // keeps the sky up and the ground down
	varySteps  = 10
	varyAbove  = 2
	varyWindow = .25
	leastApart = .05 // as a share of the range, on average: a draw nearer to the source is rejected
	mostDraws  = 4
)

// LeastSide is the shortest side of a picture with enough patches.
const LeastSide = 2 * side

// Vary synthesizes a picture of the size of the source from its patches. A draw that nearly equals
// the source is repeated, and the most different of four is returned with its distance from the
// source, as a share of the range.
func Vary(ctx context.Context, m Matcher, source *image.NRGBA, v Variation, progress func(done, total int)) (*image.NRGBA, float64, error) {
	src := premultiplied(source)
	levels, sizes, err := pyramid(ctx, m, src, varyLeast, source.Rect.Size())
	if err != nil {
		return nil, 0, err
	}
	g := &growth{m: m, alpha: usualAlpha, levels: levels, sizes: firsts(sizes), level: varyLevel, first: 1, steps: varySteps, above: varyAbove, window: varyWindow}
	var best *picture
	most := -1.
	for i := range mostDraws {
		g.seed = key(v.Seed, uint64(i))
		out, err := g.grow(ctx, noisy(levels[g.coarsest()], v.Strength, g.seed), progress)
		if err != nil {
			return nil, 0, err
		}
		if d := apart(src, out); d > most {
			best, most = out, d
		}
		if most >= leastApart || v.Strength == 0 {
			break
		}
	}
	return best.image(), most, nil
}

// firsts are the first of each.
func firsts(sizes [][]image.Point) []image.Point {
	out := make([]image.Point, len(sizes))
	for i, s := range sizes {
		out[i] = s[0]
	}
	return out
}

// noisy adds noise to a picture, the same to all its colour channels, and to its alpha channel if
// it has one.
func noisy(p *picture, strength float64, seed uint64) *picture {
	out := p.clone()
	normals := make([]float32, p.w*p.h)
	noise.Normals(normals, seed)
	channels := 4
	if p.opaque() {
		channels = 3
	}
	for i, n := range normals {
		add := int(math.Round(float64(n) * strength * 127.5))
		for c := range channels {
			v := &out.pix[4*i+c]
			*v = uint8(min(max(int(*v)+add, 0), 255))
		}
	}
	return out
}

// apart is the mean difference of two pictures of one size, as a share of the range.
func apart(a, b *picture) float64 {
	sum, channels := 0, 4
	if a.opaque() && b.opaque() {
		channels = 3
	}
	for i := 0; i < len(a.pix); i += 4 {
		for c := range channels {
			d := int(a.pix[i+c]) - int(b.pix[i+c])
			sum += max(d, -d)
		}
	}
	return float64(sum) / float64(255*a.w*a.h*channels)
}
