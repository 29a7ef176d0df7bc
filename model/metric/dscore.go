package metric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
)

func init() {
	Metrics.Add("dscore", "the discriminator's own mean probability of \"real\" on real examples and on fakes: a diagnostic of training, not a score of quality",
		func() Metric { return dscore{} })
}

// dscore has no settings.
type dscore struct{}

// SelectionScores implements [Selector].
func (dscore) SelectionScores() []string { return nil }

func (dscore) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if e.Judge == nil {
		return nil, fmt.Errorf("%w: the model has no discriminator", ErrNotApplicable)
	}
	const note = "no score of quality: D learns against this very G, so its probability moves with both players and compares with no other model's"
	scores := []Score{
		{Name: "dscore_fake", Note: note},
		{Name: "dscore_real", Note: "on test examples; " + note},
		{Name: "dscore_train", Note: "on training examples, far above the test examples' if D has learned them by heart; " + note},
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		const n = 2000
		fake, test, err := e.fakesAndTest(ctx, n, draw)
		if err != nil {
			return s, err
		}
		train, err := e.reals(data.Train, n, draw)
		if err != nil {
			return s, err
		}
		s.fakes, s.reals = fake.N, min(test.N, train.N)
		for _, b := range []*data.Batch{fake, test, train} {
			logits, err := e.Judge(ctx, b)
			if err != nil {
				return s, err
			}
			for i, l := range logits {
				logits[i] = 1 / (1 + math.Exp(-l))
			}
			s.values = append(s.values, stat.Mean(logits, nil))
		}
		return s, nil
	})
}
