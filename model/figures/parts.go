package figures

import (
	"math"
	"slices"
)

// A part is pixels of a figure that touch each other.
type part struct {
	owner  int
	pixels []int
	light  float64
}

// partsOf are the parts of figures, by the owners of pixels, in the order of their first pixels.
func partsOf(owner []int, light plane) (parts []*part) {
	h, w := light.h, light.w
	seen := make([]bool, len(owner))
	for i, k := range owner {
		if k < 0 || seen[i] {
			continue
		}
		p := &part{owner: k, pixels: []int{i}}
		parts, seen[i] = append(parts, p), true
		for n := 0; n < len(p.pixels); n++ {
			at := p.pixels[n]
			p.light += float64(light.v[at])
			for y := max(0, at/w-1); y <= min(h-1, at/w+1); y++ {
				for x := max(0, at%w-1); x <= min(w-1, at%w+1); x++ {
					if j := y*w + x; owner[j] == k && !seen[j] {
						seen[j] = true
						p.pixels = append(p.pixels, j)
					}
				}
			}
		}
	}
	return parts
}

// gather gives small parts that lie apart from the rest of their figure to the figure that they are
// nearest to, unless their pixels speak clearly against it. Such are the edges of another one,
// which the interpolation between pixels changes.
func (s *Scene) gather(owner []int, wrong [][]float32) {
	const (
		small   = 0.15 // of the light of the largest part
		clearly = 0.3  // of a pixel, on average
	)
	light := s.lights[len(s.lights)-1]
	parts := partsOf(owner, light)
	largest := make([]*part, len(s.Figures))
	for _, p := range parts {
		if is := largest[p.owner]; is == nil || p.light > is.light {
			largest[p.owner] = p
		}
	}
	away := make([][]int, len(largest))
	for k, p := range largest {
		if p != nil {
			away[k] = p.away(light.h, light.w)
		}
	}
	for _, p := range parts {
		if p.light >= small*largest[p.owner].light {
			continue
		}
		to, least := p.owner, p.from(away[p.owner])-1
		for k := range largest {
			if largest[k] == nil || k == p.owner {
				continue
			}
			against := float32(0)
			for _, i := range p.pixels {
				against += wrong[k][i] - wrong[p.owner][i]
			}
			if d := p.from(away[k]); d < least && against <= clearly*float32(len(p.pixels)) {
				to, least = k, d
			}
		}
		for _, i := range p.pixels {
			owner[i] = to
		}
	}
}

// forget forgets what is remembered of figure k, of which counts are above 0, where it touches nothing
// that is seen of it: that is the edge of what hides it.
func (s *Scene) forget(owner []int, k int, counts []float32) {
	own := make([]int, len(owner))
	for i := range own {
		if own[i] = -1; owner[i] == k || counts[i] > 0 {
			own[i] = k
		}
	}
	for _, p := range partsOf(own, s.lights[len(s.lights)-1]) {
		if slices.ContainsFunc(p.pixels, func(i int) bool { return owner[i] == k }) {
			continue
		}
		for _, i := range p.pixels {
			counts[i] = 0
		}
	}
}

// away is how far each pixel is from a part, in steps to neighbours.
func (p *part) away(h, w int) []int {
	steps := slices.Repeat([]int{-1}, h*w)
	reached := slices.Clone(p.pixels)
	for _, i := range reached {
		steps[i] = 0
	}
	for n := 0; n < len(reached); n++ {
		at := reached[n]
		for y := max(0, at/w-1); y <= min(h-1, at/w+1); y++ {
			for x := max(0, at%w-1); x <= min(w-1, at%w+1); x++ {
				if j := y*w + x; steps[j] < 0 {
					steps[j] = steps[at] + 1
					reached = append(reached, j)
				}
			}
		}
	}
	return steps
}

// from is the least of the steps to the pixels of a part.
func (p *part) from(steps []int) int {
	least := math.MaxInt
	for _, i := range p.pixels {
		least = min(least, steps[i])
	}
	return least
}
