package patch

import (
	"context"
	"math"
)

// A tap gives a pixel from a row of the original: weights, scaled by unit, of the pixels from first
// on.
type tap struct {
	first   int
	weights []int32
}

// unit is the sum of the weights of a tap.
const unit = 1 << 14

// taps are the taps that resize a row: Catmull and Rom's cubic, widened when downsampling.
func taps(from, to int) []tap {
	all := make([]tap, to)
	scale := float64(from) / float64(to)
	wide := max(scale, 1)
	for i := range all {
		centre := float64((float64(i)+.5)*scale) - .5
		first, last := int(math.Ceil(centre-float64(2*wide))), int(math.Floor(centre+float64(2*wide)))
		values := make([]float64, last-first+1)
		sum := 0.
		for j := range values {
			values[j] = cubic(math.Abs(float64(first+j)-centre) / wide)
			sum += values[j]
		}
		t := tap{first, make([]int32, len(values))}
		left, most := int32(unit), 0
		for j, v := range values {
			t.weights[j] = int32(math.Round(v / sum * unit))
			left -= t.weights[j]
			if t.weights[j] > t.weights[most] {
				most = j
			}
		}
		t.weights[most] += left
		all[i] = t
	}
	return all
}

// cubic is the kernel of Catmull and Rom. Products are rounded before they are added,
// on every processor.
func cubic(x float64) float64 {
	square, cube := float64(x*x), float64(x*x*x)
	switch {
	case x < 1:
		return float64(1.5*cube) - float64(2.5*square) + 1
	case x < 2:
		return float64(-.5*cube) + float64(2.5*square) - float64(4*x) + 2
	}
	return 0
}

// resized is the picture in another size.
func (p *picture) resized(ctx context.Context, m Matcher, w, h int) (*picture, error) {
	wide := p
	if w != p.w {
		wide = newPicture(w, p.h, p.c)
		along := taps(p.w, w)
		if err := blocks(ctx, m, p.h, rows(w), func(from, to int) {
			for y := from; y < to; y++ {
				row := p.pix[y*p.stride():][:p.stride()]
				for x, t := range along {
					t.apply(wide.pix[(y*w+x)*p.c:][:p.c], row, p.c, p.w)
				}
			}
		}); err != nil {
			return nil, err
		}
	}
	if h == p.h {
		return wide, nil
	}
	out := newPicture(w, h, p.c)
	down := taps(p.h, h)
	err := blocks(ctx, m, h, rows(w), func(from, to int) {
		for y := from; y < to; y++ {
			for x := range w {
				down[y].apply(out.pix[(y*w+x)*p.c:][:p.c], wide.pix[x*p.c:], wide.stride(), p.h)
			}
		}
	})
	return out, err
}

// apply computes a pixel from n pixels that are stride bytes apart.
func (t tap) apply(dst, src []uint8, stride, n int) {
	for c := range dst {
		sum := int32(unit / 2)
		for j, w := range t.weights {
			sum += w * int32(src[min(max(t.first+j, 0), n-1)*stride+c])
		}
		dst[c] = uint8(min(max(sum/unit, 0), 255))
	}
}
