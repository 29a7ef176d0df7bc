package cutout

import (
	"context"
	"math"
)

// The solver stops when the residual is so small beside the right side, or after so many steps.
const (
	tolerance = 1e-6
	mostSteps = 2000
)

// times multiplies the matrix with a vector.
func (s *system) times(out, x []float64) {
	for i := range out {
		out[i] = s.weights[i][0] * x[i]
	}
	for i, p := range s.pixel {
		sum, xi, w := 0.0, x[i], &s.weights[i]
		for o := 1; o < len(w); o++ {
			if j := s.at[p+s.offsets[o]]; j >= 0 {
				sum += w[o] * x[j]
				out[j] += w[o] * xi
			}
		}
		out[i] += sum
	}
}

// solve solves the equations by conjugate gradients with an incomplete factor of Cholesky as the
// preconditioner.
func (s *system) solve(ctx context.Context, progress func(done, total int)) ([]float64, error) {
	n := len(s.pixel)
	x, r, z, p, q := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	f := s.factor()
	for i := range x {
		x[i] = 0.5
	}
	s.times(q, x)
	for i := range r {
		r[i] = s.right[i] - q[i]
	}
	enough := tolerance * max(norm(s.right), math.SmallestNonzeroFloat32)
	first := norm(r)
	f.solve(z, r)
	copy(p, z)
	rz := inner(r, z)
	for step := range mostSteps {
		now := norm(r)
		if now <= enough || rz == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if progress != nil && step%16 == 0 { // by the orders of magnitude that are done
			progress(int(100*math.Log(max(first/now, 1))/math.Log(first/enough)), 100)
		}
		s.times(q, p)
		a := rz / inner(p, q)
		for i := range x {
			x[i] += a * p[i]
			r[i] -= a * q[i]
		}
		f.solve(z, r)
		before := rz
		rz = inner(r, z)
		b := rz / before
		for i := range p {
			p[i] = z[i] + b*p[i]
		}
	}
	return x, nil
}

func inner(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func norm(a []float64) float64 { return math.Sqrt(inner(a, a)) }

// A factor is an incomplete one of Cholesky: lower triangular, with the pattern of the matrix.
type factor struct {
	*system
	lower [][13]float64 // of each unknown: the inverse of its own, then those of the pixels before it
}

// meet lists, for an offset back to another unknown, the pairs of offsets by which both reach a
// third one.
var meet = func() (all [13][][2]int) {
	for o, to := range after {
		for a, p := range after {
			for b, q := range after {
				if o > 0 && a > 0 && b > 0 && p.Sub(q) == to {
					all[o] = append(all[o], [2]int{a, b})
				}
			}
		}
	}
	return all
}()

// factor factors the matrix. Where the incomplete factor of it does not exist, the diagonal is
// raised until it does (Manteuffel 1980).
func (s *system) factor() *factor {
	f := &factor{s, make([][13]float64, len(s.pixel))}
	for raise := 0.0; ; raise = max(1e-3, 4*raise) {
		if f.try(1 + raise) {
			return f
		}
	}
}

// try factors the matrix with the diagonal times a number.
func (f *factor) try(raise float64) bool {
	for i, p := range f.pixel {
		own := &f.lower[i]
		sum := f.weights[i][0] * raise
		for o := len(after) - 1; o > 0; o-- { // from the farthest before it on
			own[o] = 0
			j := f.before(p, o)
			if j < 0 {
				continue
			}
			value := f.weights[j][o]
			for _, m := range meet[o] {
				value -= own[m[0]] * f.lower[j][m[1]]
			}
			own[o] = value * f.lower[j][0]
			sum -= own[o] * own[o]
		}
		if !(sum > 1e-9*f.weights[i][0]) {
			return false
		}
		own[0] = 1 / math.Sqrt(sum)
	}
	return true
}

// before is the unknown that has a pixel at an offset after it, -1 if there is none.
func (s *system) before(p int32, o int) int32 {
	q := p - s.offsets[o]
	if q < 0 {
		return -1
	}
	return s.at[q]
}

// solve divides by the factor and by its transpose.
func (f *factor) solve(out, x []float64) {
	for i, p := range f.pixel {
		sum, own := x[i], &f.lower[i]
		for o := 1; o < len(own); o++ {
			if j := f.before(p, o); j >= 0 {
				sum -= own[o] * out[j]
			}
		}
		out[i] = sum * own[0]
	}
	for i := len(f.pixel) - 1; i >= 0; i-- {
		own, p := &f.lower[i], f.pixel[i]
		out[i] *= own[0]
		for o := 1; o < len(own); o++ {
			if j := f.before(p, o); j >= 0 {
				out[j] -= own[o] * out[i]
			}
		}
	}
}
