package metric

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
)

func init() {
	Metrics.Add("class_accuracy", "share of 2,000 fakes of a conditional model that a classifier assigns to the class they were drawn for, beside its accuracy on real test examples (as in Odena, Olah and Shlens 2016, arXiv:1610.09585)",
		func() Metric { return classAccuracy{} })
}

// classAccuracy has no settings: it always uses the space "classifier". Its floor is the
// accuracy of the classifier on held-out examples.
type classAccuracy struct{}

// SelectionScores implements [Selector].
func (classAccuracy) SelectionScores() []string { return []string{"class_accuracy"} }

func (classAccuracy) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if len(e.Spec.ClassNames()) < 2 {
		return nil, fmt.Errorf("%w: the set has no classes", ErrNotApplicable)
	}
	judge, err := e.embedder("classifier")
	if err != nil {
		return nil, err
	}
	right := func(set string, b *data.Batch, draw int) (float64, error) {
		p, err := e.embed(ctx, judge, pointsKey{judge.Name(), set, b.N, draw}, func() (*data.Batch, error) { return b, nil })
		if err != nil {
			return 0, err
		}
		return accuracy(p.Probabilities, b.Column(data.Label).Ints, len(e.Spec.ClassNames()))
	}
	scores := []Score{{Name: "class_accuracy", Better: Higher, Space: judge.Name(), Note: "the floor is of held-out examples"}}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		const n = 2000
		fakes, err := e.fakes(ctx, n, draw)
		if err != nil {
			return s, err
		}
		if fakes.Column(data.Label) == nil {
			return s, fmt.Errorf("%w: the model does not draw by class", ErrNotApplicable)
		}
		test, err := e.reals(data.Test, n, draw)
		if err != nil {
			return s, err
		}
		ofFakes, err := right(fakesSet, fakes, draw)
		if err != nil {
			return s, err
		}
		ofTest, err := right(string(data.Test), test, draw)
		return sample{values: []float64{ofFakes}, floors: []float64{ofTest}, fakes: fakes.N, reals: test.N}, err
	})
}

// accuracy is the share of examples whose most probable class, of probabilities
// [n, classes], is their label.
func accuracy(probabilities []float64, labels []int32, classes int) (float64, error) {
	if len(labels) == 0 || len(probabilities) != len(labels)*classes {
		return 0, fmt.Errorf("%w: the classifier does not know the set's %d classes", ErrNotApplicable, classes)
	}
	right, at := 0, 0
	for row := range slices.Chunk(probabilities, classes) {
		if floats.MaxIdx(row) == int(labels[at]) {
			right++
		}
		at++
	}
	return float64(right) / float64(len(labels)), nil
}
