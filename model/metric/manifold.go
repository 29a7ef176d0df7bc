package metric

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"atelier/model/feature"
)

// A Manifold is a set of points with a ball around each, whose radius is the distance to its k-th
// nearest neighbour in the set.
type Manifold struct {
	points  feature.Points
	squares []float64 // squared radii [N]
	k       int
}

// NewManifold computes the balls. It needs more than k points.
func NewManifold(p feature.Points, k int) (*Manifold, error) {
	if err := comparable(p, p, k+1); err != nil {
		return nil, err
	}
	m := &Manifold{points: p, squares: make([]float64, p.N), k: k}
	eachDistances(p, p, func(i int, d []float64) {
		d[i] = d[0] // a point is not its own neighbour
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

// cover returns for each other point the number of balls that contain it, and for each ball
// whether it contains another point, 1 or 0.
func (m *Manifold) cover(other feature.Points) (balls, holds []float64, err error) {
	if err := comparable(m.points, other, 1); err != nil {
		return nil, nil, err
	}
	balls = make([]float64, other.N)
	held := make([]atomic.Bool, m.points.N)
	eachDistances(other, m.points, func(j int, d []float64) {
		for i, v := range d {
			if v <= m.squares[i] {
				balls[j]++
				held[i].Store(true)
			}
		}
	})
	holds = make([]float64, m.points.N)
	for i := range held {
		if held[i].Load() {
			holds[i] = 1
		}
	}
	return balls, holds, nil
}

// Realism returns the realism score of each other point: the largest ratio of radius to distance,
// among the balls up to the median radius. Above 1 it is inside one (Kynkäänniemi 2019,
// arXiv:1904.06991, section 5.1).
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

// PrecisionRecall returns the share of fakes in the manifold of the reals and the share of reals in
// the manifold of the fakes (Kynkäänniemi 2019, arXiv:1904.06991).
func PrecisionRecall(real, fake feature.Points, k int) (precision, recall float64, err error) {
	p, r, err := reached(real, fake, k)
	if err != nil {
		return 0, 0, err
	}
	return stat.Mean(p, nil), stat.Mean(r, nil), nil
}

// reached returns for each fake whether it is in the manifold of the reals, and for each real
// whether it is in that of the fakes, as 1 or 0.
func reached(real, fake feature.Points, k int) (fakes, reals []float64, err error) {
	within := func(p, other feature.Points) ([]float64, error) {
		m, err := NewManifold(p, k)
		if err != nil {
			return nil, err
		}
		balls, _, err := m.cover(other)
		for i, n := range balls {
			balls[i] = min(n, 1)
		}
		return balls, err
	}
	if fakes, err = within(real, fake); err != nil {
		return nil, nil, err
	}
	reals, err = within(fake, real)
	return fakes, reals, err
}

// DensityCoverage returns the mean number of real balls that contain a fake, over k, and the share
// of real balls that contain a fake (Naeem 2020, arXiv:2002.09797).
func DensityCoverage(real, fake feature.Points, k int) (density, coverage float64, err error) {
	d, c, err := around(real, fake, k)
	if err != nil {
		return 0, 0, err
	}
	return stat.Mean(d, nil), stat.Mean(c, nil), nil
}

// around returns for each fake the number of real balls that contain it, over k, and for each real
// whether its ball contains a fake, as 1 or 0.
func around(real, fake feature.Points, k int) (fakes, reals []float64, err error) {
	m, err := NewManifold(real, k)
	if err != nil {
		return nil, nil, err
	}
	fakes, reals, err = m.cover(fake)
	floats.Scale(1/float64(k), fakes)
	return fakes, reals, err
}

// measurementOf is the mean of a value of each fake and that of one of each real. It is resampled
// with the balls unchanged.
func measurementOf(ofFakes, ofReals []float64) measurement {
	return measurement{[]float64{stat.Mean(ofFakes, nil), stat.Mean(ofReals, nil)}, func(reals, fakes *rand.Rand) ([]float64, error) {
		return []float64{meanOf(ofFakes, fakes), meanOf(ofReals, reals)}, nil
	}}
}
