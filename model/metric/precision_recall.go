package metric

import (
	"context"

	"atelier/model/feature"
)

// nearest is the k of the manifolds, and manifoldSize the count of points of each.
const (
	nearest      = 5
	manifoldSize = 2000
)

func init() {
	Metrics.Add("precision_recall", "share of fakes that look real and share of the real that the fakes reach, by k-NN manifolds, k = 5, 2,000 against 2,000 (Kynkäänniemi 2019, arXiv:1904.06991)",
		func() Metric { return precisionRecall{} })
}

// precisionRecall has no settings, so that its numbers compare.
type precisionRecall struct{}

func (precisionRecall) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	scores := []Score{{Name: "precision", Better: Higher}, {Name: "recall", Better: Higher}}
	return e.compare(ctx, "", manifoldSize, scores, func(real, other feature.Points) (measurement, error) {
		p, r, err := reached(real, other, nearest)
		return measurementOf(p, r), err
	})
}
