package app

import (
	"cmp"
	"context"
	"slices"

	"atelier/model/run"
	"atelier/model/traits"
)

// activeShares are the shares of places at which a unit may count as active, over all samples: those
// with the largest activations. For each unit the one that fits best is taken (as in Bau et al. 2018,
// arXiv:1811.10597, section 3.1).
var activeShares = []float64{0.03, 0.1, 0.2, 0.35, 0.5}

// parts are parts of pictures, by pixel.
var parts = []struct {
	name string
	has  func(p *traits.Picture, i int) bool
}{
	{"background", func(p *traits.Picture, i int) bool { return !p.Drawn(i) }},
	{"subject", func(p *traits.Picture, i int) bool { return p.Drawn(i) }},
	{"top", func(p *traits.Picture, i int) bool { return p.Drawn(i) && i/p.Width < p.Height/3 }},
	{"middle", func(p *traits.Picture, i int) bool {
		y := i / p.Width
		return p.Drawn(i) && y >= p.Height/3 && y < p.Height-p.Height/3
	}},
	{"bottom", func(p *traits.Picture, i int) bool { return p.Drawn(i) && i/p.Width >= p.Height-p.Height/3 }},
	{"left", func(p *traits.Picture, i int) bool { return p.Drawn(i) && i%p.Width < p.Width/3 }},
	{"right", func(p *traits.Picture, i int) bool { return p.Drawn(i) && i%p.Width >= p.Width-p.Width/3 }},
	{"outline", outlined},
	{"bright", func(p *traits.Picture, i int) bool { return p.Drawn(i) && p.Grey(i) > 0.8 }},
	{"grey", func(p *traits.Picture, i int) bool { return p.Drawn(i) && p.Grey(i) > 0.35 && p.Grey(i) <= 0.65 }},
	{"dark", func(p *traits.Picture, i int) bool { return p.Drawn(i) && p.Grey(i) < 0.35 }},
	{"red", func(p *traits.Picture, i int) bool { return leads(p, i, 0) }},
	{"green", func(p *traits.Picture, i int) bool { return leads(p, i, 1) }},
	{"blue", func(p *traits.Picture, i int) bool { return leads(p, i, 2) }},
}

// outlined reports whether a pixel of the subject has a neighbour outside of it.
func outlined(p *traits.Picture, i int) bool {
	if !p.Drawn(i) {
		return false
	}
	y, x := i/p.Width, i%p.Width
	return x > 0 && !p.Drawn(i-1) || x < p.Width-1 && !p.Drawn(i+1) || y > 0 && !p.Drawn(i-p.Width) || y < p.Height-1 && !p.Drawn(i+p.Width)
}

// leads reports whether a channel is clearly the largest of a pixel.
func leads(p *traits.Picture, i, channel int) bool {
	if p.Channels < 3 {
		return false
	}
	for c := range 3 {
		if c != channel && p.Values[i*p.Channels+channel] < p.Values[i*p.Channels+c]+0.15 {
			return false
		}
	}
	return true
}

// see finds the part of pictures that each unit is most active in, beside the same part of other
// samples: a unit that only prefers a place is as active there in any sample.
func (d *dissection) see(ctx context.Context) ([]SeenUnit, error) {
	if d.size.Height < 2 {
		return nil, nil // dense layers have no places
	}
	n := d.Measured
	codes, err := d.codes(ctx, "", run.Seeds(d.Seed, n))
	if err != nil {
		return nil, err
	}
	activations, samples, err := d.units.Activations(ctx, codes, d.layer)
	if err != nil {
		return nil, err
	}
	pictures := make([]*traits.Picture, n)
	for i := range pictures {
		pictures[i] = traits.Of(d.target, samples.Columns[len(samples.Columns)-1].Row(i))
	}
	has := make([][]bool, len(parts)) // by part: every pixel of every sample
	for k, part := range parts {
		for _, p := range pictures {
			for i := range p.Height * p.Width {
				has[k] = append(has[k], part.has(p, i))
			}
		}
	}
	var seen []SeenUnit
	for unit := range d.size.Units {
		best := SeenUnit{Unit: unit}
		for _, share := range activeShares {
			active := d.active(activations, unit, n, share)
			for k, part := range parts {
				iou, random := overlapOf(active, has[k], 0), overlapOf(active, has[k], len(active)/n)
				if iou-random > best.IoU-best.Random {
					best.Part, best.IoU, best.Random = part.name, iou, random
				}
			}
		}
		if best.Part != "" { // a unit that is never active draws nothing
			seen = append(seen, best)
		}
	}
	slices.SortStableFunc(seen, func(a, b SeenUnit) int { return cmp.Compare(b.IoU-b.Random, a.IoU-a.Random) })
	return seen, nil
}

// active are the pixels of all samples at which a unit is most active, a share of all: every pixel
// belongs to the nearest place of the feature map.
func (d *dissection) active(activations []float32, unit, n int, share float64) []bool {
	places, units := d.size.Height*d.size.Width, d.size.Units
	sorted := make([]float32, 0, n*places)
	for i := range n * places {
		sorted = append(sorted, activations[i*units+unit])
	}
	slices.Sort(sorted)
	least := max(sorted[int(float64(len(sorted)-1)*(1-share))], 0)
	height, width := d.target.Shape[0], d.target.Shape[1]
	out := make([]bool, 0, n*height*width)
	for s := range n {
		for y := range height {
			for x := range width {
				place := y*d.size.Height/height*d.size.Width + x*d.size.Width/width
				out = append(out, activations[(s*places+place)*units+unit] > least)
			}
		}
	}
	return out
}

// overlapOf is the intersection over union of two sets of pixels, the second shifted by some.
func overlapOf(a, b []bool, shift int) float64 {
	both, either := 0, 0
	for i, in := range a {
		other := b[(i+shift)%len(b)]
		if in && other {
			both++
		}
		if in || other {
			either++
		}
	}
	return float64(both) / float64(max(either, 1))
}
