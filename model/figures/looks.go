package figures

import (
	"context"
	"math"

	"atelier/model/mincut"
)

// look fits what the figures show: each pixel of the last frame belongs to one of them; of what is
// hidden there it is known what earlier frames show.
func (s *Scene) look(ctx context.Context) error {
	h, w, last := s.clip.H, s.clip.W, len(s.lights)-1
	moved := make([][]plane, len(s.Figures)) // frames by figure, with it at its place in the last
	for k, f := range s.Figures {
		for t, light := range s.lights {
			moved[k] = append(moved[k], light.moved(-f.At[t][0], -f.At[t][1]).part(0, 0, h, w))
		}
	}
	owner, err := s.owners(ctx, moved)
	if err != nil {
		return err
	}
	visible := make([]plane, len(s.Figures))
	for k := range s.Figures {
		visible[k] = newPlane(h, w)
		for i, v := range s.lights[last].v {
			if owner[i] == k {
				visible[k].v[i] = v
			}
		}
	}
	for k, f := range s.Figures {
		s.show(f, visible[k], s.hidden(k, owner, moved[k], visible), owner, k)
	}
	return nil
}

// A memory is, for each pixel, which frames show a figure there, where the last one does not.
type memory struct {
	shares [][]float32 // of the frames, that add up to 1 or to 0
	filled []bool      // whether it is never seen, but all around it is
	most   []float32   // how far from the ground it is at most
}

// hidden is what earlier frames show of figure k where another hides it in the last.
func (s *Scene) hidden(k int, owner []int, moved, visible []plane) memory {
	h, w := s.clip.H, s.clip.W
	f, n := s.Figures[k], h*w
	m := memory{filled: make([]bool, n), most: make([]float32, n)}
	for i := range m.most {
		m.most[i] = 1
	}
	total := make([]float32, n)
	for t := range moved {
		hides := newPlane(h, w)
		for j, other := range s.Figures {
			if j != k {
				hides.lay(visible[j].moved(other.At[t][0]-f.At[t][0], other.At[t][1]-f.At[t][1]))
			}
		}
		hides = hides.widened()
		share := make([]float32, n)
		for i, v := range moved[t].v {
			if !s.inside(i, f.At[t]) {
				continue
			}
			m.most[i] = min(m.most[i], v)
			if owner[i] >= 0 && owner[i] != k && v > hides.v[i]+2*dark {
				share[i] = 1
				total[i]++
			}
		}
		m.shares = append(m.shares, share)
	}
	s.forget(owner, k, total)
	known, full := newPlane(h, w), newPlane(h, w)
	for i := range n {
		switch {
		case m.most[i] <= dark && owner[i] != k:
			known.v[i], total[i] = 1, 0
		case owner[i] == k || total[i] > 0:
			known.v[i], full.v[i] = 1, 1
		}
		for t := range m.shares {
			if m.shares[t][i] = min(m.shares[t][i], total[i]); total[i] > 0 {
				m.shares[t][i] /= total[i]
			}
		}
	}
	share, around := known.box(2), full.box(2)
	for i := range n {
		const lone = 0.25 // a pixel with fewer around it is a stray
		switch {
		case known.v[i] == 0:
			m.filled[i] = owner[i] >= 0 && around.v[i] > 0.5*share.v[i] && share.v[i] > 0
		case owner[i] != k && around.v[i] < lone*share.v[i]:
			for t := range m.shares {
				m.shares[t][i] = 0
			}
		}
	}
	return m
}

// show sets what a figure shows, by its pixels in the last frame and what is remembered.
func (s *Scene) show(f *Figure, visible plane, m memory, owner []int, k int) {
	c, last := s.clip, len(s.lights)-1
	fill := func(p plane) plane { // from what is around
		full := newPlane(c.H, c.W)
		for i, v := range p.v {
			if v != 0 {
				full.v[i] = 1
			}
		}
		values, share := p.box(2), full.box(2)
		out := p.part(0, 0, c.H, c.W)
		for i := range out.v {
			if m.filled[i] && share.v[i] > 0 {
				out.v[i] = values.v[i] / share.v[i]
			}
		}
		return out
	}
	remembered := func(to plane, at func(t int) plane) plane {
		for t, shares := range m.shares {
			from := at(t).moved(-f.At[t][0], -f.At[t][1]).part(0, 0, c.H, c.W)
			for i, share := range shares {
				to.v[i] += float32(share * from.v[i])
			}
		}
		return fill(to)
	}
	light := remembered(visible.part(0, 0, c.H, c.W), func(t int) plane { return s.lights[t] })
	dimmed := newPlane(c.H, c.W) // what was brighter is what hid it
	for i, v := range light.v {
		dimmed.v[i] = 1
		if most := m.most[i]; owner[i] != k && v > most {
			dimmed.v[i], light.v[i] = most/v, most
		}
	}
	f.light = light.trimmed()
	f.look = nil
	for channel := range c.Channels {
		difference := func(t int) plane { return s.difference(t, channel) }
		look := difference(last)
		for i := range look.v {
			if owner[i] != k {
				look.v[i] = 0
			}
		}
		look = remembered(look, difference)
		for i := range look.v {
			look.v[i] *= dimmed.v[i]
		}
		f.look = append(f.look, look.part(f.light.y, f.light.x, f.light.h, f.light.w))
	}
}

// difference is by how much a channel of frame t differs from the ground.
func (s *Scene) difference(t, channel int) plane {
	c := s.clip
	p := newPlane(c.H, c.W)
	for i := range p.v {
		p.v[i] = c.Frames[t][i*c.Channels+channel] - s.ground[channel]
	}
	return p
}

// inside tells whether pixel i, moved, lies within the frame.
func (s *Scene) inside(i int, by [2]float64) bool {
	y, x := float64(i/s.clip.W)+by[0], float64(i%s.clip.W)+by[1]
	return y >= 0 && x >= 0 && y <= float64(s.clip.H-1) && x <= float64(s.clip.W-1)
}

// owners are the figures that the pixels of the last frame belong to, -1 for the ground: those whose
// places fit the earlier frames, joined to neighbours that look alike.
func (s *Scene) owners(ctx context.Context, moved [][]plane) ([]int, error) {
	const (
		brighter = 0.5 // how much less a pixel counts that was brighter: something may have hidden it
		most     = 0.2 // by how much it counts at most
	)
	last := s.lights[len(s.lights)-1]
	wrong := make([][]float32, len(moved))
	for k, frames := range moved {
		wrong[k] = make([]float32, len(last.v))
		for t, frame := range frames[:len(frames)-1] {
			for i, v := range frame.v {
				if d := last.v[i] - v; s.inside(i, s.Figures[k].At[t]) {
					if d < 0 {
						d = max(d, -most) * brighter
					}
					wrong[k][i] += float32(d * d)
				}
			}
		}
	}
	owner := make([]int, len(last.v))
	for i, v := range last.v {
		owner[i] = -1
		for k := range wrong {
			if v > dark && (owner[i] < 0 || wrong[k][i] < wrong[owner[i]][i]) {
				owner[i] = k
			}
		}
	}
	for a := range moved {
		for b := range a {
			if err := s.divide(ctx, owner, wrong, a, b); err != nil {
				return nil, err
			}
		}
	}
	s.gather(owner, wrong)
	return owner, nil
}

// divide divides the pixels of two figures between them, by a minimum cut.
func (s *Scene) divide(ctx context.Context, owner []int, wrong [][]float32, a, b int) error {
	const (
		unit  = 1000
		most  = 0.3         // by which a pixel speaks against a figure
		stiff = 0.03 * unit // what it costs to divide neighbours that look the same
		sharp = 10          // how much less it costs where they differ
		least = 0.05        // of that, whatever they look like
	)
	h, w, last := s.clip.H, s.clip.W, s.lights[len(s.lights)-1]
	g := mincut.New(len(owner), 4*len(owner))
	either := func(i int) bool { return owner[i] == a || owner[i] == b }
	for i := range owner {
		if !either(i) {
			continue
		}
		g.Terminal(i, int32(unit*min(wrong[b][i], most)), int32(unit*min(wrong[a][i], most)))
		for _, d := range [4][2]int{{0, 1}, {1, 0}, {1, 1}, {1, -1}} {
			y, x := i/w+d[0], i%w+d[1]
			if j := y*w + x; y < h && x >= 0 && x < w && either(j) {
				price := stiff * (math.Exp(-sharp*math.Abs(float64(last.v[i]-last.v[j]))) + least) / math.Hypot(float64(d[0]), float64(d[1]))
				g.Join(i, j, int32(price), int32(price))
			}
		}
	}
	if _, err := g.Cut(ctx); err != nil {
		return err
	}
	for i := range owner {
		if either(i) {
			if owner[i] = b; g.FromSource(i) {
				owner[i] = a
			}
		}
	}
	return nil
}
