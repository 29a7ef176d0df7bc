// Package figures takes a few frames apart into figures that move as wholes before a plain ground
// (layers: Wang and Adelson 1994, doi:10.1109/83.334981), by a search.
package figures

import (
	"context"
	"slices"
)

// A Clip is some frames of one size: values from Low to High, [height, width, channels] each.
type Clip struct {
	H, W, Channels int
	Low, High      float32
	Frames         [][]float32
}

// A Scene is what a clip shows.
type Scene struct {
	// Figures are in no order that means something. There may be fewer things than figures; one then
	// holds a part of another's thing, or nothing.
	Figures []*Figure

	clip   *Clip
	ground []float32 // colour of the ground
	lights []plane   // how far each pixel of the frames is from the ground, from 0 to 1
}

// A Figure is something that moves as a whole.
type Figure struct {
	// At is by how much it lies off its place in the last frame, along y and x in pixels, in each of
	// the frames.
	At [][2]float64

	light plane      // how far it is from the ground, in the last frame
	look  []plane    // its difference from the ground there, by channel
	phase [2]float64 // by how much both are moved in the last frame
}

const (
	dark     = 0.04 // light up to which a pixel is taken for ground
	rounds   = 2    // how often looks and places are fitted in turn
	compared = 1024 // pixels that velocities are compared on
)

// Find takes a clip of at least two frames apart into so many figures, of which each moves at most
// reach pixels along each axis from one frame to the next.
func Find(ctx context.Context, clip *Clip, count, reach int) (*Scene, error) {
	s := &Scene{clip: clip, ground: groundOf(clip)}
	for _, f := range clip.Frames {
		s.lights = append(s.lights, s.lightOf(f))
	}
	if err := s.fit(ctx, s.guess(count, reach), reach); err != nil {
		return s, err
	}
	s.sharpen()
	return s, nil
}

// groundOf is the colour of the ground: the median of each channel.
func groundOf(c *Clip) []float32 {
	ground := make([]float32, c.Channels)
	for k := range ground {
		var all []float32
		for _, f := range c.Frames {
			for i := k; i < len(f); i += c.Channels {
				all = append(all, f[i])
			}
		}
		slices.Sort(all)
		ground[k] = all[len(all)/2]
	}
	return ground
}

// lightOf is how far each pixel is from the ground, from 0 to 1.
func (s *Scene) lightOf(frame []float32) plane {
	c := s.clip
	p := newPlane(c.H, c.W)
	scale := 1 / (float32(c.Channels) * (c.High - c.Low))
	for i := range p.v {
		sum := float32(0)
		for k, g := range s.ground {
			sum += max(frame[i*c.Channels+k]-g, g-frame[i*c.Channels+k])
		}
		p.v[i] = sum * scale
	}
	return p
}

// Extent is where a figure begins and ends in the last frame, along y and x in pixels; both are in
// the middle of the frame if nothing is seen of it.
func (s *Scene) Extent(f *Figure) (from, to [2]float64) {
	p := f.light
	sums := [2][]float64{make([]float64, p.h), make([]float64, p.w)}
	total := 0.0
	for y := range p.h {
		for x, v := range p.row(y) {
			share := float64(max(v, 0))
			sums[0][y] += share
			sums[1][x] += share
			total += share
		}
	}
	if total == 0 {
		middle := [2]float64{float64(s.clip.H) / 2, float64(s.clip.W) / 2}
		return middle, middle
	}
	const beyond = 0.005 // of its light may be strays
	for axis, first := range [2]int{p.y, p.x} {
		all := sums[axis]
		top, bottom, before, behind := 0, len(all)-1, all[0], all[len(all)-1]
		for before <= beyond*total && top < bottom {
			top++
			before += all[top]
		}
		for behind <= beyond*total && bottom > top {
			bottom--
			behind += all[bottom]
		}
		from[axis], to[axis] = float64(first+top)+f.phase[axis], float64(first+bottom+1)+f.phase[axis]
		if top < bottom { // of the outermost pixels it covers a share
			from[axis] += 1 - min(1, all[top]/max(all[top+1], 1e-6))
			to[axis] -= 1 - min(1, all[bottom]/max(all[bottom-1], 1e-6))
		}
	}
	return from, to
}

// Draw is a frame in which the figures lie off their places in the last one by so much, along y and
// x. Where they lie on each other, the one that differs more from the ground is seen.
func (s *Scene) Draw(at [][2]float64) []float32 {
	c := s.clip
	frame := make([]float32, c.H*c.W*c.Channels)
	for i := range frame {
		frame[i] = s.ground[i%c.Channels]
	}
	seen := newPlane(c.H, c.W)
	for k, f := range s.Figures {
		y, x := at[k][0]+f.phase[0], at[k][1]+f.phase[1]
		light := f.light.moved(y, x)
		looks := make([]plane, c.Channels)
		for i := range looks {
			looks[i] = f.look[i].moved(y, x)
		}
		for y := max(0, light.y); y < min(c.H, light.y+light.h); y++ {
			for x := max(0, light.x); x < min(c.W, light.x+light.w); x++ {
				i := (y-light.y)*light.w + x - light.x
				if j := y*c.W + x; light.v[i] > seen.v[j] {
					seen.v[j] = light.v[i]
					for k, g := range s.ground {
						frame[j*c.Channels+k] = min(max(g+looks[k].v[i], c.Low), c.High)
					}
				}
			}
		}
	}
	return frame
}

// shown is how far from the ground each pixel of frame t is, without figure k.
func (s *Scene) shown(k, t int) plane {
	out := newPlane(s.clip.H, s.clip.W)
	for j, f := range s.Figures {
		if j != k {
			out.lay(f.light.moved(f.At[t][0]+f.phase[0], f.At[t][1]+f.phase[1]))
		}
	}
	return out
}
