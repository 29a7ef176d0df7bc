package patch

import (
	"context"
	"image"
	"math"
)

// A Nearness measures how near the patches of one picture are to those of another: from a result to
// its source this is coherence, from a source to its result completeness (Simakov et al. 2008).
type Nearness struct {
	// Mean is the mean over all patches of the root mean square difference from the nearest patch
	// of the other picture, in grey levels.
	Mean float64
	// Share is the largest share of patches whose nearest patch is at the same offset: 1 for a
	// copy.
	Share float64
}

// nearPasses is enough for nearly all patches to find their nearest.
const nearPasses = 12

// Near measures how near the patches of one picture are to those of another.
func Near(ctx context.Context, m Matcher, of, in *image.NRGBA) (Nearness, error) {
	s := &search{m: m, query: premultiplied(of), key: premultiplied(in)}
	f := newField(s.count())
	qw, qh := s.query.places()
	kw, kh := s.key.places()
	for i := range f.to {
		f.to[i] = int32(i/qw*kh/qh*kw + i%qw*kw/qw)
	}
	if err := s.measure(ctx, f); err != nil {
		return Nearness{}, err
	}
	if err := s.passes(ctx, f, nearPasses, max(kw, kh), 1); err != nil {
		return Nearness{}, err
	}
	sum, most := 0., 0
	offsets := map[[2]int]int{}
	for i, d := range f.cost {
		sum += math.Sqrt(float64(d) / (pixels * 3))
		to := int(f.to[i])
		o := [2]int{to%kw - i%qw, to/kw - i/qw}
		offsets[o]++
		most = max(most, offsets[o])
	}
	n := float64(len(f.cost))
	return Nearness{sum / n, float64(most) / n}, nil
}
