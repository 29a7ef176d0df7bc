package metric

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"

	"atelier/internal/noise"
	"atelier/model/feature"
)

// normals are points of a normal distribution with this mean in the first dimension.
func normals(n, width int, mean float64, seed uint64) feature.Points {
	rng := noise.Stream(seed)
	p := feature.Points{N: n, Width: width, Features: make([]float64, n*width)}
	for i := range p.Features {
		p.Features[i] = rng.NormFloat64()
		if i%width == 0 {
			p.Features[i] += mean
		}
	}
	return p
}

// TestBootstrapOfMean: the standard error of a share p of n examples is √(p(1-p)/n), and
// of the mean over three independent draws √3 less.
func TestBootstrapOfMean(t *testing.T) {
	const n = 400
	hits := make([]float64, n)
	for i := range n / 4 {
		hits[i] = 1
	}
	want := math.Sqrt(0.25 * 0.75 / n)
	of := measurementOf(hits, hits)
	got, err := bootstrap(t.Context(), []sample{{again: of.again}, {again: of.again}, {again: of.again}})
	if err != nil {
		t.Fatal(err)
	}
	// Of 50 replicates a deviation is off by a tenth or so.
	if ratio := got[0] / (want / math.Sqrt(3)); ratio < 0.7 || ratio > 1.3 {
		t.Errorf("error of a share of the fakes %v, want about %v", got[0], want/math.Sqrt(3))
	}
	if ratio := got[1] / want; ratio < 0.7 || ratio > 1.3 { // the draws share their reals
		t.Errorf("error of a share of the reals %v, want about %v", got[1], want)
	}
	if none, err := bootstrap(t.Context(), []sample{{again: of.again}, {}}); none != nil || err != nil {
		t.Errorf("of what cannot be measured again: %v, %v", none, err)
	}
}

// TestBootstrapOfDistances holds the errors that one sample tells to how much distances
// of sample after sample differ.
func TestBootstrapOfDistances(t *testing.T) {
	frechet := resampled(func(a, b feature.Points) ([]float64, error) {
		d, err := Frechet(a, b)
		return []float64{d}, err
	})
	for name, compare := range map[string]comparison{"frechet": frechet, "kernel": kernelComparison} {
		var values, errors []float64
		for seed := range uint64(40) {
			m, err := compare(normals(150, 3, 0, 2*seed), normals(150, 3, 2, 2*seed+1))
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, m.values[0])
			if seed < 5 {
				e, err := bootstrap(t.Context(), []sample{{again: m.again}})
				if err != nil {
					t.Fatal(err)
				}
				errors = append(errors, e[0])
			}
		}
		if got, want := stat.Mean(errors, nil), stat.StdDev(values, nil); got < 0.7*want || got > 1.4*want {
			t.Errorf("%s: error %v, samples differ by %v", name, got, want)
		}
	}
}

// TestKernelShares measures again, to the first order, what the products would give.
func TestKernelShares(t *testing.T) {
	a, b := normals(300, 3, 0, 1), normals(300, 3, 1, 2)
	m, err := kernelComparison(a, b)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := KernelDistance(a, b)
	if err != nil || math.Abs(m.values[0]-whole) > 1e-12 {
		t.Errorf("%v and %v", m.values[0], whole)
	}
	rng := func(k uint64) *rand.Rand { return noise.Stream(7, k) }
	again, err := m.again(rng(1), rng(2))
	if err != nil {
		t.Fatal(err)
	}
	exact, err := KernelDistance(pointsOf(a, rng(1)), pointsOf(b, rng(2)))
	if err != nil || math.Abs(again[0]-exact) > 0.15*math.Abs(exact) {
		t.Errorf("%v, the products give %v, all points %v", again[0], exact, whole)
	}
}
