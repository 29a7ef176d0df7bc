package metric

import (
	"context"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat"

	"atelier/internal/noise"
	"atelier/model/feature"
)

// replicates is the number of bootstrap replicates: enough for a standard error (Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 6.4).
const replicates = 50

// Keys of the random streams of resampling.
const (
	resampledReals = iota + 1
	resampledFakes
)

// A measurement is the values of the scores, in order, and how to resample them.
type measurement struct {
	values []float64
	again  resampling // nil if they cannot be resampled
}

// A resampling computes the scores on a bootstrap sample of the real and the generated
// examples.
type resampling func(reals, fakes *rand.Rand) ([]float64, error)

// A comparison scores other points against real ones.
type comparison func(real, other feature.Points) (measurement, error)

// once is a comparison that is not resampled.
func once(f func(real, other feature.Points) ([]float64, error)) comparison {
	return func(real, other feature.Points) (m measurement, err error) {
		m.values, err = f(real, other)
		return m, err
	}
}

// resampled is a comparison that is recomputed for each replicate.
func resampled(f func(real, other feature.Points) ([]float64, error)) comparison {
	return func(real, other feature.Points) (m measurement, err error) {
		m.again = func(reals, fakes *rand.Rand) ([]float64, error) {
			return f(pointsOf(real, reals), pointsOf(other, fakes))
		}
		m.values, err = f(real, other)
		return m, err
	}
}

// pointsOf is a bootstrap sample of points.
func pointsOf(p feature.Points, rng *rand.Rand) feature.Points {
	out := feature.Points{N: p.N, Width: p.Width}
	classes := len(p.Probabilities) / p.N
	for range p.N {
		i := rng.IntN(p.N)
		out.Features = append(out.Features, p.Row(i)...)
		out.Probabilities = append(out.Probabilities, p.Probabilities[i*classes:(i+1)*classes]...)
	}
	return out
}

// meanOf is the mean of a bootstrap sample of the numbers.
func meanOf(numbers []float64, rng *rand.Rand) float64 {
	sum := 0.0
	for range numbers {
		sum += numbers[rng.IntN(len(numbers))]
	}
	return sum / float64(len(numbers))
}

// bootstrap returns the standard error of each score's mean over the draws (Efron 1979,
// doi:10.1214/aos/1176344552), nil if a draw cannot be resampled. Draws have different
// fakes but nearly the same reals: in a replicate they share the resampled reals.
func bootstrap(ctx context.Context, samples []sample) ([]float64, error) {
	for _, s := range samples {
		if s.again == nil {
			return nil, nil
		}
	}
	means := make([][]float64, replicates)
	errs := make([]error, replicates)
	err := onThreads(ctx, replicates, func(r int) { means[r], errs[r] = replicate(samples, uint64(r)) })
	if err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	out := make([]float64, len(means[0]))
	of := make([]float64, replicates)
	for i := range out {
		for r := range means {
			of[r] = means[r][i]
		}
		out[i] = stat.StdDev(of, nil)
	}
	return out, nil
}

// replicate is the mean over the draws of each score in one bootstrap replicate.
func replicate(samples []sample, r uint64) ([]float64, error) {
	var means []float64
	for draw, s := range samples {
		values, err := s.again(noise.Stream(r, resampledReals), noise.Stream(r, resampledFakes, uint64(draw)))
		if err != nil {
			return nil, err
		}
		if means == nil {
			means = make([]float64, len(values))
		}
		for i, v := range values {
			means[i] += v / float64(len(samples))
		}
	}
	return means, nil
}
