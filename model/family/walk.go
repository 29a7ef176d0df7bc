package family

import (
	"math"

	"atelier/data"
)

// Between interpolates from row i of a batch of codes to row j, a row per share: 0 is row i
// and 1 row j, bit for bit. Latents are interpolated spherically, which keeps them equally
// likely; other codes linearly. All else in a row, such as its class, comes from row i.
func (s *Steering) Between(codes *data.Batch, i, j int, shares []float64) *data.Batch {
	out := &data.Batch{N: len(shares)}
	for _, c := range codes.Columns {
		way := data.NewColumn(c.Field, len(shares))
		for k, share := range shares {
			switch {
			case c.Ints != nil:
				copy(way.Tokens(k), c.Tokens(i))
			case !s.Latent:
				mix(way.Row(k), c.Row(i), c.Row(j), 1-share, share)
			default:
				one, other := spherical(c.Row(i), c.Row(j), share)
				mix(way.Row(k), c.Row(i), c.Row(j), one, other)
			}
		}
		out.Set(way)
	}
	return out
}

// spherical returns the slerp weights of a and b (Shoemake 1985,
// doi:10.1145/325165.325242; for latents White 2016, arXiv:1609.04468), or the linear ones
// if a and b are parallel.
func spherical(a, b []float32, share float64) (one, other float64) {
	var ab, aa, bb float64
	for k := range a {
		x, y := float64(a[k]), float64(b[k])
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	const flat = 1e-6
	angle := math.Acos(max(-1, min(1, ab/math.Sqrt(aa*bb))))
	sine := math.Sin(angle)
	if !(sine > flat) { // or not a number
		return 1 - share, share
	}
	return math.Sin((1-share)*angle) / sine, math.Sin(share*angle) / sine
}

// mix sets dst to a weighted sum of a and b.
func mix(dst, a, b []float32, one, other float64) {
	for k := range dst {
		dst[k] = float32(float64(one*float64(a[k])) + float64(other*float64(b[k])))
	}
}

// Mix returns a code for each pair of rows coarse and fine: layers before the given one come
// from coarse, that one and all later ones from fine (style mixing: Karras et al. 2018,
// arXiv:1812.04948, section 3.1). All else in a row comes from coarse.
func (s *Steering) Mix(codes *data.Batch, coarse, fine []int, layer int) *data.Batch {
	out := &data.Batch{N: len(coarse)}
	for _, c := range codes.Columns {
		mixed := data.NewColumn(c.Field, len(coarse))
		for k := range coarse {
			if c.Ints != nil {
				copy(mixed.Tokens(k), c.Tokens(coarse[k]))
				continue
			}
			from := layer * (c.Field.Size() / s.Layers)
			copy(mixed.Row(k)[:from], c.Row(coarse[k]))
			copy(mixed.Row(k)[from:], c.Row(fine[k])[from:])
		}
		out.Set(mixed)
	}
	return out
}
