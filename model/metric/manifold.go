package metric

import (
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"

	"atelier/model/feature"
)

// A Manifold is a set of points with a ball about each that reaches to its
// k-th nearest neighbour within the set.
type Manifold struct {
	points  feature.Points
	squares []float64 // squared radii [N]
	k       int
}

// NewManifold measures the balls. It needs more than k points.
func NewManifold(p feature.Points, k int) (*Manifold, error) {
	if err := comparable(p, p, k+1); err != nil {
		return nil, err
	}
	m := &Manifold{points: p, squares: make([]float64, p.N), k: k}
	eachDistances(p, p, func(i int, d []float64) {
		d[i] = d[0] // a point is no neighbour of itself
		m.squares[i] = kth(d[1:], k)
	})
	return m, nil
}

// kth returns the k-th smallest of the numbers, k ≥ 1.
func kth(numbers []float64, k int) float64 {
	least := make([]float64, 0, k+1)
	for _, v := range numbers {
		if len(least) == k && v >= least[k-1] {
			continue
		}
		at, _ := slices.BinarySearch(least, v)
		least = slices.Insert(least, at, v)
		least = least[:min(len(least), k)]
	}
	return least[len(least)-1]
}

// cover says how the balls of a manifold and other points lie to each other.
type cover struct {
	within  float64 // share of the others that lie in a ball
	density float64 // mean count of balls that another lies in, over k
	covered float64 // share of the balls that hold another
}

// cover looks where the other points lie.
func (m *Manifold) cover(other feature.Points) (cover, error) {
	if err := comparable(m.points, other, 1); err != nil {
		return cover{}, err
	}
	balls := make([]float64, other.N)
	holds := make([]atomic.Bool, m.points.N) // whether another lies in the ball
	eachDistances(other, m.points, func(j int, d []float64) {
		for i, v := range d {
			if v <= m.squares[i] {
				balls[j]++
				holds[i].Store(true)
			}
		}
	})
	var c cover
	for _, n := range balls {
		if n > 0 {
			c.within++
		}
	}
	for i := range holds {
		if holds[i].Load() {
			c.covered++
		}
	}
	c.within /= float64(other.N)
	c.covered /= float64(m.points.N)
	c.density = floats.Sum(balls) / float64(m.k*other.N)
	return c, nil
}

// Realism returns of each other point how deep it lies in the manifold: the largest of
// radius over distance, of the balls that are no wider than half of them are. Above 1
// it lies within one (Kynkäänniemi 2019, arXiv:1904.06991, section 5.1).
func (m *Manifold) Realism(other feature.Points) ([]float64, error) {
	if err := comparable(m.points, other, 1); err != nil {
		return nil, err
	}
	sorted := slices.Sorted(slices.Values(m.squares))
	median := sorted[(len(sorted)-1)/2]
	realism := make([]float64, other.N)
	eachDistances(other, m.points, func(j int, d []float64) {
		for i, v := range d {
			if m.squares[i] <= median {
				realism[j] = max(realism[j], math.Sqrt(m.squares[i]/max(v, math.SmallestNonzeroFloat64)))
			}
		}
	})
	return realism, nil
}

// PrecisionRecall returns the share of fakes that lie in the manifold of the
// reals and the share of reals that lie in the manifold of the fakes
// (Kynkäänniemi 2019, arXiv:1904.06991).
func PrecisionRecall(real, fake feature.Points, k int) (precision, recall float64, err error) {
	reals, err := NewManifold(real, k)
	if err != nil {
		return 0, 0, err
	}
	fakes, err := NewManifold(fake, k)
	if err != nil {
		return 0, 0, err
	}
	p, err := reals.cover(fake)
	if err != nil {
		return 0, 0, err
	}
	r, err := fakes.cover(real)
	return p.within, r.within, err
}

// DensityCoverage returns the mean count of real balls that a fake lies in,
// over k, and the share of real balls that hold a fake (Naeem 2020,
// arXiv:2002.09797).
func DensityCoverage(real, fake feature.Points, k int) (density, coverage float64, err error) {
	reals, err := NewManifold(real, k)
	if err != nil {
		return 0, 0, err
	}
	c, err := reals.cover(fake)
	return c.density, c.covered, err
}
