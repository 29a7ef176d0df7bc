package patch

import (
	"context"
	"image"
	"math"
)

// Settings of coarse-to-fine synthesis (Granot et al. 2021).
const (
	ratio      = 4. / 3                 // between levels
	mostEach   = 2500                   // approximate number of patches of both pictures for an exact search
	usualAlpha = .005                   // relative to full, see [exact]
	full       = 127 * 128 * pixels * 3 // squared distance of half the range in every sample
)

// A growth makes a picture from the patches of a source, level by level.
type growth struct {
	m      Matcher
	levels []*picture    // of the source, the finest first
	sizes  []image.Point // of the picture at each level
	torus  bool          // whether it wraps around
	alpha  float64       // relative to full: 0.005 uses all of the source, 1 the nearest patches
	level  float64       // cost of a vertical offset, in squared grey levels per sample for the whole height
	first  int           // steps of search and vote at the coarsest level
	steps  int           // per level with exact search
	above  int           // per finer level
	window float64       // radius of random search at finer levels, as a share of the longer side
	seed   uint64

	guides []*picture // of each level, mixed into the query; nil for none

	blurred bool // at the end, because it continues
}

// pyramid is a picture at decreasing sizes, until the shorter side of any of the pictures would be
// below least, and the sizes of the others.
func pyramid(ctx context.Context, m Matcher, source *picture, least int, sizes ...image.Point) (levels []*picture, all [][]image.Point, err error) {
	for i := range 64 {
		scale := math.Pow(ratio, float64(i))
		smaller := func(n int) int { return max(int(float64(n)/scale+.5), 1) }
		w, h := smaller(source.w), smaller(source.h)
		shortest := min(w, h)
		var points []image.Point
		for _, s := range sizes {
			points = append(points, image.Pt(smaller(s.X), smaller(s.Y)))
			shortest = min(shortest, smaller(s.X), smaller(s.Y))
		}
		if shortest < least && i > 0 {
			break
		}
		level, err := source.resized(ctx, m, w, h)
		if err != nil {
			return nil, nil, err
		}
		levels, all = append(levels, level), append(all, points)
	}
	return levels, all, nil
}

// coarsest is the number of the coarsest level.
func (g *growth) coarsest() int { return len(g.levels) - 1 }

// query is the picture whose patches are searched for.
func (g *growth) query(p *picture) *picture {
	if g.torus {
		return p.wrapped()
	}
	return p
}

// grow synthesizes the picture from its coarsest level. progress is called after each level.
func (g *growth) grow(ctx context.Context, at *picture, progress func(done, total int)) (*picture, error) {
	var before *matching
	for l := g.coarsest(); l >= 0; l-- {
		source, key := g.levels[l], g.levels[l]
		steps := g.above
		if l < g.coarsest() {
			var err error
			if at, err = at.resized(ctx, g.m, g.sizes[l].X, g.sizes[l].Y); err != nil {
				return nil, err
			}
			// the first search is among patches as blurred as those of the query
			if key, err = g.levels[l+1].resized(ctx, g.m, source.w, source.h); err != nil {
				return nil, err
			}
		}
		if g.guides != nil {
			at = at.held(g.guides[l], restyleHold)
		}
		match := g.matching(l, before)
		if match.all != nil {
			steps = g.steps
		}
		if l == g.coarsest() {
			steps = g.first
		}
		for s := range steps {
			if err := match.step(ctx, g.query(at), key, key2(g.seed, l, s)); err != nil {
				return nil, err
			}
			weights := mixture(wide)
			if l == 0 && s == steps-1 && !g.blurred {
				weights = mixture(near)
			}
			var err error
			if at, err = voted(ctx, g.m, match.to, source, at.w, at.h, g.torus, weights); err != nil {
				return nil, err
			}
			key = source
		}
		before = match
		if progress != nil {
			progress(len(g.levels)-l, len(g.levels))
		}
	}
	return at, nil
}

func key2(seed uint64, level, step int) uint64 { return key(seed, uint64(level), uint64(step)) }
