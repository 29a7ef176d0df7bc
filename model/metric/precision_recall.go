package metric

import (
	"context"

	"atelier/model/feature"
)

// nearest is the k of the manifolds, and manifoldSize the number of points of each.
const (
	nearest      = 5
	manifoldSize = 2000
)

func init() {
	Metrics.Add("precision_recall", "share of fakes within the manifold of the real, and of the real within that of the fakes, by k-NN, k = 5, 2,000 against 2,000 (Kynkäänniemi 2019, arXiv:1904.06991)",
		func() Metric { return precisionRecall{} })
}

// precisionRecall has no settings, so that its numbers are comparable.
type precisionRecall struct{}

// SelectionScores implements [Selector].
func (precisionRecall) SelectionScores() []string { return []string{"precision", "recall"} }

func (precisionRecall) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	scores := []Score{{Name: "precision", Better: Higher}, {Name: "recall", Better: Higher}}
	return e.compareEqual(ctx, manifoldSize, scores, func(real, other feature.Points) (measurement, error) {
		p, r, err := reached(real, other, nearest)
		return measurementOf(p, r), err
	})
}
