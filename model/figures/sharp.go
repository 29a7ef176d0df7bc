package figures

import "math"

// sharpen fits what figures show, and where, to all frames at once. A frame in which a figure lies
// between pixels blurs it; what is looked for is the sharper one that all of them are made of.
func (s *Scene) sharpen() {
	for k, f := range s.Figures {
		by := s.between(k)
		f.light = f.light.moved(-by[0], -by[1])
		for i := range f.look {
			f.look[i] = f.look[i].moved(-by[0], -by[1])
		}
		f.At = away(f.At, by)
	}
	for range rounds {
		for k, f := range s.Figures {
			f.light, _ = f.light.fitted(s.lights, s.seen(k), f.At, 8)
		}
		for t := range s.lights {
			s.settle(t, 0.25)
		}
	}
	for k, f := range s.Figures {
		seen := s.seen(k)
		f.light, _ = f.light.fitted(s.lights, seen, f.At, 10)
		for channel, look := range f.look {
			var frames []plane
			for t := range s.lights {
				frames = append(frames, s.difference(t, channel))
			}
			look, _ = look.fitted(frames, seen, f.At, 20)
			f.look[channel] = look.part(f.light.y, f.light.x, f.light.h, f.light.w)
		}
		f.phase = f.At[len(f.At)-1]
		f.At = away(f.At, [2]float64{-f.phase[0], -f.phase[1]})
	}
}

// between is the place between pixels of the last frame at which figure k lies, roughly: the one from
// which the frames can be fitted best.
func (s *Scene) between(k int) (best [2]float64) {
	const places = 4 // along each axis
	f, seen := s.Figures[k], s.seen(k)
	for axis := range best {
		by, least := best, math.Inf(1)
		for n := range places {
			by[axis] = float64(n)/places - 0.5
			_, wrong := f.light.moved(-by[0], -by[1]).fitted(s.lights, seen, away(f.At, by), 5)
			if wrong < least {
				best, least = by, wrong
			}
		}
	}
	return best
}

// away are places that lie further by so much.
func away(places [][2]float64, by [2]float64) [][2]float64 {
	var out [][2]float64
	for _, at := range places {
		out = append(out, [2]float64{at[0] + by[0], at[1] + by[1]})
	}
	return out
}

// seen are the pixels of each frame, 1 each, that show figure k if it is there; the others, which are
// 0, another one may hide.
func (s *Scene) seen(k int) (seen []plane) {
	f := s.Figures[k]
	for t, at := range f.At {
		own, others := newPlane(s.clip.H, s.clip.W), s.shown(k, t).widened()
		own.lay(f.light.moved(at[0], at[1]))
		p := newPlane(s.clip.H, s.clip.W)
		for i, v := range others.v {
			if v <= dark/4 || own.v[i] > v+2*dark {
				p.v[i] = 1
			}
		}
		seen = append(seen, p)
	}
	return seen
}

// fitted is a plane that, moved to its places, is closer to what is seen of it in the frames: what they
// show more than it is taken back to it so many times (SIRT: Gilbert 1972,
// doi:10.1016/0022-5193(72)90180-4). What is wrong before the last time is the squared difference.
func (p plane) fitted(frames, seen []plane, at [][2]float64, times int) (out plane, wrong float64) {
	const least = 0.2 // of a frame that must show a pixel
	out = p.part(p.y, p.x, p.h, p.w)
	back := func(sum []float32, of plane, t int) {
		for i, v := range of.moved(-at[t][0], -at[t][1]).part(p.y, p.x, p.h, p.w).v {
			sum[i] += v
		}
	}
	weight := make([]float32, len(p.v))
	for t := range frames {
		back(weight, seen[t], t)
	}
	for range times {
		change := make([]float32, len(p.v))
		wrong = 0
		for t, frame := range frames {
			rest := out.moved(at[t][0], at[t][1])
			frame, seen := frame.part(rest.y, rest.x, rest.h, rest.w), seen[t].part(rest.y, rest.x, rest.h, rest.w)
			for i, v := range frame.v {
				d := float32((v - rest.v[i]) * seen.v[i])
				rest.v[i] = d
				wrong += float64(d * d)
			}
			back(change, rest, t)
		}
		for i, v := range change {
			if weight[i] > least {
				out.v[i] += v / weight[i]
			}
		}
	}
	return out, wrong
}
