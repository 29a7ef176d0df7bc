package figures

import (
	"context"
	"math"
	"slices"
)

// guess is the likeliest velocities of figures between the last two frames: those of which the best at
// each pixel explains the last frame from the one before. The first two are the best of all pairs.
func (s *Scene) guess(count, reach int) [][2]float64 {
	now, before := s.lights[len(s.lights)-1], s.lights[len(s.lights)-2]
	step := max(1, int(math.Ceil(math.Sqrt(float64(len(now.v))/compared))))
	var all [][2]float64
	var costs [][]float32 // of some pixels, by velocity
	for y := -reach; y <= reach; y++ {
		for x := -reach; x <= reach; x++ {
			v := [2]float64{float64(y), float64(x)}
			cost := differences(now, before.moved(v[0], v[1])).box(3)
			var some []float32
			for y := 0; y < now.h; y += step {
				for x := 0; x < now.w; x += step {
					some = append(some, cost.v[y*now.w+x])
				}
			}
			all, costs = append(all, v), append(costs, some)
		}
	}
	var chosen []int
	known := slices.Repeat([]float32{math.MaxFloat32}, len(costs[0])) // cost of the best chosen one
	if count > 1 {
		least := float32(math.Inf(1))
		for i, c := range costs {
			if _, total := another(costs, c); total < least {
				least, chosen = total, []int{i}
			}
		}
		known = costs[chosen[0]]
	}
	for len(chosen) < count {
		i, _ := another(costs, known)
		chosen = append(chosen, i)
		better := slices.Clone(known)
		for j, c := range costs[i] {
			better[j] = min(better[j], c)
		}
		known = better
	}
	velocities := make([][2]float64, count)
	for k, i := range chosen {
		velocities[k] = all[i]
	}
	return velocities
}

// another is the velocity that explains most of what known ones do not, by costs, and what is left.
func another(costs [][]float32, known []float32) (which int, left float32) {
	left = float32(math.Inf(1))
	for i, cost := range costs {
		total := float32(0)
		for j, c := range cost {
			total += min(c, known[j])
		}
		if total < left {
			which, left = i, total
		}
	}
	return which, left
}

// differences are the squared differences of a frame from another that was moved.
func differences(frame, moved plane) plane {
	out := frame.part(0, 0, frame.h, frame.w)
	moved = moved.part(0, 0, frame.h, frame.w)
	for i, v := range moved.v {
		d := out.v[i] - v
		out.v[i] = d * d
	}
	return out
}

// fit fits figures to the frames, from their velocities between the last two on.
func (s *Scene) fit(ctx context.Context, velocities [][2]float64, reach int) error {
	last := len(s.lights) - 1
	var costs []plane
	for _, v := range velocities {
		costs = append(costs, differences(s.lights[last], s.lights[last-1].moved(v[0], v[1])).box(2))
	}
	s.Figures = nil
	for k, v := range velocities {
		light := newPlane(s.clip.H, s.clip.W)
		for i, own := range s.lights[last].v {
			if own > dark && !slices.ContainsFunc(costs, func(c plane) bool { return c.v[i] < costs[k].v[i] }) {
				light.v[i] = own
			}
		}
		f := &Figure{At: make([][2]float64, last+1), light: light.trimmed()}
		f.At[last-1] = [2]float64{-v[0], -v[1]}
		s.Figures = append(s.Figures, f)
	}
	for t := last - 1; t >= 0; t-- {
		for _, f := range s.Figures {
			if t == last-1 {
				f.At[t] = tracked(s.lights[t], f.light, f.At[t], 0.5, 2)
			} else {
				f.At[t] = tracked(s.lights[t], f.light, f.At[t+1], 1, reach+1)
			}
		}
	}
	for range rounds {
		if err := s.look(ctx); err != nil {
			return err
		}
		for t := range last {
			s.settle(t, 1)
		}
	}
	return s.look(ctx)
}

// Follow finds the figures in the frame after the last of [Figure.At], which need not be one of those
// that they were found in.
func (s *Scene) Follow(frame []float32, reach int) {
	s.lights = append(slices.Clip(s.lights), s.lightOf(frame))
	t := len(s.lights) - 1
	for _, f := range s.Figures {
		f.At = append(f.At, tracked(s.lights[t], f.light.moved(f.phase[0], f.phase[1]), f.At[t-1], 1, reach+1))
	}
	for range rounds {
		s.settle(t, 1)
	}
}

// tracked is where a figure is found in a frame around a place, in steps so many each way, then in
// finer ones. Brighter things may hide it.
func tracked(frame, light plane, around [2]float64, step float64, reach int) [2]float64 {
	const (
		hidden = 0.3 // by how much a pixel that is brighter counts at most
		less   = 0.7 // how much less that counts
	)
	return nearest(around, step, reach, 0.25, func(at [2]float64) float64 {
		sum := float32(0)
		light.moved(at[0], at[1]).each(frame, func(light, frame []float32) {
			for i, v := range light {
				if v > dark {
					d := frame[i] - v
					if d > 0 {
						d = min(d, hidden) * less
					}
					sum += float32(d * d)
				}
			}
		})
		return float64(sum)
	})
}

// settle fits the places of figures in frame t to what the others leave, in steps from one on.
func (s *Scene) settle(t int, step float64) {
	const (
		most   = 0.1      // squared difference of a pixel
		finest = 1.0 / 32 // step
	)
	frame := s.lights[t]
	for k, f := range s.Figures {
		others := s.shown(k, t)
		without := newPlane(frame.h, frame.w) // squared differences
		for i, v := range frame.v {
			d := v - others.v[i]
			without.v[i] = min(d*d, most)
		}
		f.At[t] = nearest(f.At[t], step, 1, finest, func(at [2]float64) float64 {
			sum := float32(0)
			moved := f.light.moved(at[0]+f.phase[0], at[1]+f.phase[1])
			moved.each(without, func(_, without []float32) {
				for _, v := range without {
					sum -= v
				}
			})
			moved.lay(others)
			moved.each(frame, func(moved, frame []float32) {
				for i, v := range moved {
					d := frame[i] - v
					sum += min(d*d, most)
				}
			})
			return float64(sum)
		})
	}
}

// nearest is the place of the least cost: in steps so many each way around one, then in halves of
// them down to the finest.
func nearest(around [2]float64, step float64, reach int, finest float64, cost func([2]float64) float64) [2]float64 {
	best := around
	least := cost(best)
	for ; step >= finest; step /= 2 {
		from := best
		for y := -reach; y <= reach; y++ {
			for x := -reach; x <= reach; x++ {
				if y == 0 && x == 0 {
					continue
				}
				at := [2]float64{from[0] + step*float64(y), from[1] + step*float64(x)}
				if c := cost(at); c < least {
					least, best = c, at
				}
			}
		}
		reach = 1
	}
	return best
}
