package metric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
	"atelier/model/feature"
)

// The sizes of the compared sets: infinitySizes values, evenly spaced in 1/N, from the largest down
// to a quarter of it.
const (
	infinitySizes = 15
	infinityMost  = 10_000 // upper limit of the largest
	infinityLeast = 500
	infinityRange = 4 // ratio of the largest to the smallest size, and number of subsets of each
)

func init() {
	Metrics.Add("fid_infinity", "FID without the bias of small samples: a line in 1/N through the FIDs of 15 sizes, N fakes to N test examples, up to 10,000, extrapolated to 1/N = 0 (Chong and Forsyth 2020, arXiv:1911.07023)",
		func() Metric { return fidInfinity{} })
}

// fidInfinity has no settings, so that its numbers are comparable.
type fidInfinity struct{}

// SelectionScores implements [Selector].
func (fidInfinity) SelectionScores() []string { return []string{"fid_infinity"} }

func (fidInfinity) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.enough(infinityLeast); err != nil {
		return nil, err
	}
	test, err := e.reals(data.Test, infinityMost, 0)
	if err != nil {
		return nil, err
	}
	how := fmt.Sprintf("by %d sizes from %d to %d fakes and as many real examples", infinitySizes, sizes(test.N)[infinitySizes-1], test.N)
	scores := []Score{
		{Name: "fid_infinity", Better: Lower, Note: how + "; may be negative near the floor"},
		{Name: "fid_infinity_bias", Note: fmt.Sprintf("what FID at %d has too much; of no worth by itself", test.N)},
	}
	return e.compare(ctx, "", test.N, scores, once(func(real, other feature.Points) ([]float64, error) {
		limit, bias, err := FrechetLimit(real, other)
		return []float64{limit, bias}, err
	}))
}

// FrechetLimit fits a line in 1/N to the Fréchet distances of subsets, and returns its value at 1/N
// = 0, and by how much the distance of all points, equally many of each set, exceeds it. The points
// of a set are in random order; at least 60 of each are needed.
func FrechetLimit(a, b feature.Points) (limit, bias float64, err error) {
	most := min(a.N, b.N)
	if err := comparable(a, b, infinitySizes*infinityRange); err != nil {
		return 0, 0, err
	}
	inverse, distances := make([]float64, infinitySizes), make([]float64, infinitySizes)
	for i, n := range sizes(most) {
		inverse[i] = 1 / float64(n)
		if distances[i], err = frechetOf(a, b, n, most); err != nil {
			return 0, 0, err
		}
	}
	limit, _ = stat.LinearRegression(inverse, distances, nil, false)
	return limit, distances[0] - limit, nil
}

// sizes returns the sizes of subsets, the largest first.
func sizes(most int) []int {
	all := make([]int, infinitySizes)
	for i := range all {
		of := 1 + (infinityRange-1)*float64(i)/(infinitySizes-1)
		all[i] = int(math.Round(float64(most) / of))
	}
	return all
}

// frechetOf is the mean Fréchet distance of subsets of n of most points. Their starts are a quarter
// of the points apart, and they wrap around, so that each point is in about the same number of
// subsets: outliers then affect all sizes alike, and not the slope of the line.
func frechetOf(a, b feature.Points, n, most int) (float64, error) {
	subsets := infinityRange
	if n == most {
		subsets = 1
	}
	sum := 0.0
	for i := range subsets {
		from := i * most / subsets
		d, err := Frechet(ring(a, from, n, most), ring(b, from, n, most))
		if err != nil {
			return 0, err
		}
		sum += d
	}
	return sum / float64(subsets), nil
}

// ring returns the features of n points from one on, wrapping around after most points.
func ring(p feature.Points, from, n, most int) feature.Points {
	to := from + n
	features := p.Features[from*p.Width : min(to, most)*p.Width : min(to, most)*p.Width]
	if to > most {
		features = append(features, p.Features[:(to-most)*p.Width]...)
	}
	return feature.Points{N: n, Width: p.Width, Features: features}
}
