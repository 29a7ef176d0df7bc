package bench

import (
	"context"
	"fmt"
	"image"
	"math"

	"atelier/internal/noise"
	"atelier/model/patch"
)

// Targets for pictures synthesized from the patches of one.
const (
	mostCoherence    = .25 // relative to that of shuffled blocks
	mostCompleteness = .6
	meanApart        = 10. // % of the range by which variations differ on average, and at least
	leastApart       = 5.
	mostOneOffset    = .5
	varySeconds      = .4 // at 256 pixels
	shuffled         = 16 // pixels of a block
)

// A remade is the nearness of results to their sources, and that of shuffled blocks.
type remade struct {
	coherence, completeness, share float64
	floorCoherence, floorComplete  float64
	n                              int
}

// add compares a result with its source, and shuffled blocks as a bad baseline.
func (r *remade) add(ctx context.Context, m patch.Matcher, source, result *image.NRGBA) error {
	blocks := shuffledBlocks(source)
	for _, one := range []struct {
		of, in *image.NRGBA
		sum    *float64
		share  *float64
	}{{result, source, &r.coherence, &r.share}, {source, result, &r.completeness, nil}, {blocks, source, &r.floorCoherence, nil}, {source, blocks, &r.floorComplete, nil}} {
		near, err := patch.Near(ctx, m, one.of, one.in)
		if err != nil {
			return err
		}
		*one.sum += near.Mean
		if one.share != nil {
			*one.share = max(*one.share, near.Share)
		}
	}
	r.n++
	return nil
}

// emit prints coherence and completeness relative to those of shuffled blocks.
func (r *remade) emit(name string, emit func(Row)) {
	n := float64(r.n)
	coherence, completeness := r.floorCoherence/n, r.floorComplete/n
	row := notAbove(name+" coherence", r.coherence/r.floorCoherence, "of shuffled blocks'", mostCoherence, r.n)
	row.Floor = &coherence
	emit(row)
	row = notAbove(name+" completeness", r.completeness/r.floorComplete, "of shuffled blocks'", mostCompleteness, r.n)
	row.Floor = &completeness
	emit(row)
}

// shuffledBlocks is a picture with its blocks shuffled.
func shuffledBlocks(img *image.NRGBA) *image.NRGBA {
	size := img.Rect.Size()
	w, h := size.X/shuffled, size.Y/shuffled
	out := image.NewNRGBA(image.Rect(0, 0, w*shuffled, h*shuffled))
	for to, from := range noise.Stream(16).Perm(w * h) {
		for y := range shuffled {
			a := (from/w*shuffled+y)*img.Stride + from%w*shuffled*4
			b := (to/w*shuffled+y)*out.Stride + to%w*shuffled*4
			copy(out.Pix[b:b+4*shuffled], img.Pix[a:])
		}
	}
	return out
}

// variations draws two of each photo.
func (s *Patch) variations(ctx context.Context, on *Machine, emit func(Row)) error {
	m, err := anyMatcher(on)
	if err != nil {
		return err
	}
	var near remade
	seconds, apart, least := 0., 0., math.Inf(1)
	for _, name := range s.some() {
		source, err := photo(name, s.Side)
		if err != nil {
			return err
		}
		var drawn []*image.NRGBA
		for seed := uint64(1); seed <= 2; seed++ {
			var out *image.NRGBA
			took, err := timed(func() error {
				out, _, err = patch.Vary(ctx, m, source, patch.Variation{Seed: seed, Strength: patch.UsualStrength}, nil)
				return err
			})
			if err != nil {
				return err
			}
			seconds += took
			drawn = append(drawn, out)
			if err := near.add(ctx, m, source, out); err != nil {
				return err
			}
			if err := s.look(fmt.Sprintf("variations-%s-%d", name, seed), out); err != nil {
				return err
			}
		}
		each := []float64{difference(source, drawn[0]), difference(source, drawn[1]), difference(drawn[0], drawn[1])}
		for _, d := range each {
			apart += d / 3
			least = min(least, d)
		}
	}
	n := float64(len(s.some()))
	near.emit("variations", emit)
	emit(notBelow("variations apart, mean", apart/n, "% of the range", meanApart, near.n))
	emit(notBelow("variations apart, least", least, "% of the range", leastApart, near.n))
	emit(notAbove("variations with one offset, most", near.share, "of the patches", mostOneOffset, near.n))
	emit(notAbove("variations time", seconds/float64(near.n), "s", varySeconds, near.n))
	return s.largeVariation(ctx, m, emit)
}

// largeVariation draws one of 1024 pixels.
func (s *Patch) largeVariation(ctx context.Context, m patch.Matcher, emit func(Row)) error {
	if s.Side < 256 {
		return nil
	}
	source, err := photo("mountain-path", 1024)
	if err != nil {
		return err
	}
	var out *image.NRGBA
	took, err := timed(func() error {
		out, _, err = patch.Vary(ctx, m, source, patch.Variation{Seed: 1, Strength: patch.UsualStrength}, nil)
		return err
	})
	if err != nil {
		return err
	}
	emit(notAbove("variation of 1024 pixels, time", took, "s", 8, 1))
	return s.look("variation-1024", out)
}

// difference is the mean difference of two pictures of one size, in % of the range.
func difference(a, b *image.NRGBA) float64 {
	sum, n := 0., 0
	for i, v := range a.Pix {
		if i%4 < 3 {
			sum += math.Abs(float64(v) - float64(b.Pix[i]))
			n++
		}
	}
	return 100 * sum / float64(255*n)
}
