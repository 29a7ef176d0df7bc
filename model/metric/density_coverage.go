package metric

import (
	"context"

	"atelier/model/feature"
)

func init() {
	Metrics.Add("density_coverage", "how densely fakes lie among the real, and the share of the real with a fake nearby, k = 5, 2,000 against 2,000 (Naeem 2020, arXiv:2002.09797)",
		func() Metric { return densityCoverage{} })
}

// densityCoverage has no settings, so that its numbers are comparable.
type densityCoverage struct{}

// SelectionScores implements [Selector].
func (densityCoverage) SelectionScores() []string { return []string{"density", "coverage"} }

func (densityCoverage) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	scores := []Score{{Name: "density", Better: Higher}, {Name: "coverage", Better: Higher}}
	return e.compareEqual(ctx, manifoldSize, scores, func(real, other feature.Points) (measurement, error) {
		d, c, err := around(real, other, nearest)
		return measurementOf(d, c), err
	})
}
