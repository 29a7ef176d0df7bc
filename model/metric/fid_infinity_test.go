package metric

import (
	"errors"
	"slices"
	"testing"

	"atelier/internal/noise"
	"atelier/model/feature"
)

// gaussian returns n points of a normal distribution of unit covariance.
func gaussian(n, width int, mean float64, key ...uint64) feature.Points {
	p := feature.Points{N: n, Width: width, Features: make([]float64, n*width)}
	rng := noise.Stream(11, key...)
	for i := range p.Features {
		p.Features[i] = mean + rng.NormFloat64()
	}
	return p
}

// TestLimitOfGaussians: by the central limit theorem the distance of two samples of
// N points of Gaussians with unit covariance in d dimensions is on average the
// true one and 2d/N more for the means, and, since tr(A + B - 2√(√A B √A)) is
// |A - B|²/4 near the unit matrix, d(d+1)/2N more for the covariances: 52/N for d = 8.
func TestLimitOfGaussians(t *testing.T) {
	const d, n, times = 8, 2000, 40
	for name, mean := range map[string]float64{"the same": 0, "apart": 0.1} {
		var limits, biases float64
		for i := range times {
			limit, bias, err := FrechetLimit(gaussian(n, d, 0, 0, uint64(i)), gaussian(n, d, mean, 1, uint64(i)))
			if err != nil {
				t.Fatal(err)
			}
			limits, biases = limits+limit/times, biases+bias/times
		}
		want := d * mean * mean
		near(t, name+": limit", limits, want, 0.004)
		near(t, name+": bias", biases, 52./n, 0.004) // of 0.026
	}
}

func TestSizesAreEvenInTheInverse(t *testing.T) {
	got := sizes(2800) // 2800·14/(14+3i)
	want := []int{2800, 2306, 1960, 1704, 1508, 1352, 1225, 1120, 1032, 956, 891, 834, 784, 740, 700}
	if !slices.Equal(got, want) {
		t.Errorf("sizes %v, want %v", got, want)
	}
}

// Three of four points from each on, the first after the last: of 0, 1, 3, 6 the
// means are 4/3, 10/3, 3 and 7/3, and of points at 1 the distance to each is its
// square and the variance, 7/3, 19/3, 9 and 31/3.
func TestMeanOfSubsets(t *testing.T) {
	d, err := frechetOf(points(1, 0, 1, 3, 6), points(1, 1, 1, 1, 1), 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", d, (1./9+49./9+4+16./9+7./3+19./3+9+31./3)/4, 1e-9)
	if _, _, err := FrechetLimit(gaussian(59, 1, 0), gaussian(59, 1, 0, 1)); !errors.Is(err, ErrNotApplicable) {
		t.Errorf("59 points: %v", err)
	}
}
