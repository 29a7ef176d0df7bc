package metric

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"atelier/model/feature"
)

func init() {
	Metrics.Add("classes", "share of 2,000 fakes that a classifier puts in each class, and its mean top probability beside that on real test examples",
		func() Metric { return classes{} })
}

// classes has no settings: it always uses the space "classifier".
type classes struct{}

// SelectionScores implements [Selector].
func (classes) SelectionScores() []string {
	return []string{"classes_least", "classes_entropy", "classes_top", "classes_top_ratio"}
}

func (classes) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	names := e.Spec.ClassNames()
	if len(names) < 2 {
		return nil, fmt.Errorf("%w: the set has no classes", ErrNotApplicable)
	}
	scores := []Score{
		{Name: "classes_least", Unit: "%", Better: Higher, Note: "share of the rarest class"},
		{Name: "classes_entropy", Unit: "nats", Better: Higher, Note: fmt.Sprintf("of the shares; %.3f if all are equal", math.Log(float64(len(names))))},
		{Name: "classes_top", Better: Higher, Note: "mean top probability of the fakes"},
		{Name: "classes_top_real", Note: "mean top probability of real test examples"},
		{Name: "classes_top_ratio", Better: Higher, Note: "fakes over real test examples"},
	}
	for i, name := range names {
		scores = append(scores, Score{Name: fmt.Sprintf("class_%02d", i), Unit: "%", Note: fmt.Sprintf("share of %q", name)})
	}
	scores, err := e.compare(ctx, "classifier", 2000, scores, resampled(func(real, other feature.Points) ([]float64, error) {
		return classScores(real, other, len(names))
	}))
	if err == nil {
		scores[3].Floor, scores[3].FloorDeviation = nil, 0 // it is a reference itself
	}
	return scores, err
}

// classScores returns the values of the scores in their order.
func classScores(real, other feature.Points, classes int) ([]float64, error) {
	for _, p := range []feature.Points{real, other} {
		if p.N == 0 || len(p.Probabilities) != p.N*classes {
			return nil, fmt.Errorf("%w: the classifier does not know the set's %d classes", ErrNotApplicable, classes)
		}
	}
	_, topReal := ClassShares(real.Probabilities, classes)
	shares, top := ClassShares(other.Probabilities, classes)
	values := []float64{100 * slices.Min(shares), Entropy(shares), top, topReal, top / topReal}
	for _, s := range shares {
		values = append(values, 100*s)
	}
	return values, nil
}

// ClassShares returns the share of samples whose most probable class is each
// class, and the mean of that highest probability, from probabilities
// [n, classes], n ≥ 1. Of equal probabilities the first class wins.
func ClassShares(probabilities []float64, classes int) (shares []float64, top float64) {
	shares = make([]float64, classes)
	n := float64(len(probabilities) / classes)
	for row := range slices.Chunk(probabilities, classes) {
		best := 0
		for c, p := range row {
			if p > row[best] {
				best = c
			}
		}
		shares[best]++
		top += row[best]
	}
	floats.Scale(1/n, shares)
	return shares, top / n
}

// Entropy returns -Σ p ln p of shares that add up to 1, in nats.
func Entropy(shares []float64) float64 {
	h := 0.0
	for _, p := range shares {
		if p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h
}
