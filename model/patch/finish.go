package patch

import (
	"context"
)

// Settings of the solver.
const (
	screening = .005 // weight of the copied colours, relative to 1 per neighbour
	highStep  = 150  // a mismatch of this many grey levels is halved
)

// The offsets of a pixel's neighbours.
var beside = [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}

// Neighbours that are not unknowns.
const (
	outside = -1 - iota // beyond the picture
	given               // known
)

// A system is a set of linear equations for the pixels of a hole: each sample times its diagonal,
// minus those of its unknown neighbours, equals the wanted value.
type system struct {
	p          *picture
	pixels     []int32 // of the hole
	neighbours [][4]int32
	diagonal   []float64
	wanted     [][]float64 // right-hand sides, by channel
}

// newSystem sets up the equations of a hole, with only the known neighbours on the right-hand side.
func newSystem(ctx context.Context, p *picture, hole []bool, pull float64) (*system, error) {
	s := &system{p: p}
	number := make([]int32, len(hole))
	for i, in := range hole {
		if number[i] = given; in {
			number[i] = int32(len(s.pixels))
			s.pixels = append(s.pixels, int32(i))
		}
	}
	s.neighbours, s.diagonal = make([][4]int32, len(s.pixels)), make([]float64, len(s.pixels))
	s.wanted = make([][]float64, p.c)
	for c := range s.wanted {
		s.wanted[c] = make([]float64, len(s.pixels))
	}
	for k, i := range s.pixels {
		if k%checked == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.diagonal[k] = pull
		for o, d := range beside {
			x, y := int(i)%p.w+d[0], int(i)/p.w+d[1]
			s.neighbours[k][o] = outside
			if x < 0 || y < 0 || x >= p.w || y >= p.h {
				continue
			}
			s.diagonal[k]++
			j := y*p.w + x
			if s.neighbours[k][o] = number[j]; number[j] == given {
				for c := range s.wanted {
					s.wanted[c][k] += float64(p.pix[j*p.c+c])
				}
			}
		}
		for c := range s.wanted {
			s.wanted[c][k] += float64(pull * float64(p.pix[int(i)*p.c+c]))
		}
	}
	return s, nil
}

// harmonic interpolates the colours around a hole smoothly.
func harmonic(ctx context.Context, m Matcher, p *picture, hole []bool) error {
	sums, n := make([]int, p.c), 0
	for i, in := range hole {
		if !in {
			for c, v := range p.pix[i*p.c:][:p.c] {
				sums[c] += int(v)
			}
			n++
		}
	}
	for i, in := range hole { // initial values
		if in {
			for c, sum := range sums {
				p.pix[i*p.c+c] = uint8(sum / n)
			}
		}
	}
	s, err := newSystem(ctx, p, hole, 0)
	if err != nil {
		return err
	}
	return s.solve(ctx, m, 3000)
}

// finish shades copied pixels so that their gradients are those at their source.
func finish(ctx context.Context, m Matcher, p *picture, hole []bool, from []int32, how Finish) error {
	s, err := newSystem(ctx, p, hole, screening)
	if err != nil {
		return err
	}
	if err := blocks(ctx, m, len(s.pixels), 2048, func(first, end int) {
		step := make([]float64, p.c)
		for k := first; k < end; k++ {
			for o, n := range s.neighbours[k] {
				if n == outside {
					continue
				}
				s.step(hole, from, int(s.pixels[k]), beside[o], how == Natural, step)
				for c, v := range step {
					s.wanted[c][k] += v
				}
			}
		}
	}); err != nil {
		return err
	}
	return s.solve(ctx, m, 300)
}

// step is the wanted difference of pixel i from its neighbour: that at their source, or the mean of
// both sources if they differ. A robust step falls back to the existing difference if the two are
// far apart.
func (s *system) step(hole []bool, from []int32, i int, to [2]int, robust bool, step []float64) {
	p := s.p
	j := i + to[1]*p.w + to[0]
	sums, n := [4]int{}, 0
	add := func(at int32, dx, dy, sign int) {
		x, y := int(at)%p.w+dx, int(at)/p.w+dy
		if x < 0 || y < 0 || x >= p.w || y >= p.h || hole[y*p.w+x] {
			return
		}
		for c := range step {
			sums[c] += sign * (int(p.pix[int(at)*p.c+c]) - int(p.pix[(y*p.w+x)*p.c+c]))
		}
		n++
	}
	add(from[i], to[0], to[1], 1)
	if hole[j] {
		add(from[j], -to[0], -to[1], -1)
	}
	miss := 0.
	for c := range step {
		step[c] = float64(int(p.pix[i*p.c+c]) - int(p.pix[j*p.c+c]))
		if n > 0 {
			e := float64(sums[c])/float64(n) - step[c]
			miss += float64(e*e) / float64(len(step))
		}
	}
	if n == 0 {
		return
	}
	share := 1.
	if robust {
		share = 1 / (1 + miss/(highStep*highStep))
	}
	for c := range step {
		e := float64(sums[c])/float64(n) - step[c]
		step[c] += float64(share * e)
	}
}

// solve solves the equations of each channel by conjugate gradients, starting from the current
// colours. Sums are taken in blocks of one size, and products rounded before they are added, so
// that the result is the same everywhere.
func (s *system) solve(ctx context.Context, m Matcher, most int) error {
	return blocks(ctx, m, len(s.wanted), 1, func(c, _ int) {
		n := len(s.pixels)
		u, r, z, a := make([]float64, n), s.wanted[c], make([]float64, n), make([]float64, n)
		for k, i := range s.pixels {
			u[k] = float64(s.p.pix[int(i)*s.p.c+c])
		}
		s.multiply(u, a)
		for k := range r {
			r[k] -= a[k]
			z[k] = r[k]
		}
		rr := dot(r, r)
		for i := 0; i < most && rr > 1e-4*float64(n) && ctx.Err() == nil; i++ {
			s.multiply(z, a)
			za := dot(z, a)
			if za <= 0 {
				break
			}
			along := rr / za
			for k := range u {
				u[k] += float64(along * z[k])
				r[k] -= float64(along * a[k])
			}
			next := dot(r, r)
			turn := next / rr
			for k := range z {
				z[k] = r[k] + float64(turn*z[k])
			}
			rr = next
		}
		for k, i := range s.pixels {
			s.p.pix[int(i)*s.p.c+c] = uint8(min(max(u[k]+.5, 0), 255))
		}
	})
}

// multiply computes the left-hand sides.
func (s *system) multiply(v, out []float64) {
	for k := range v {
		sum := float64(s.diagonal[k] * v[k])
		for _, j := range s.neighbours[k] {
			if j >= 0 {
				sum -= v[j]
			}
		}
		out[k] = sum
	}
}

func dot(a, b []float64) float64 {
	sum := 0.
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}
