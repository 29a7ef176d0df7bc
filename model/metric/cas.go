package metric

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
)

// casMost is the largest number of training and of test examples of a classifier.
const casMost = 10_000

func init() {
	Metrics.Add("cas", "classification accuracy score: accuracy on test examples of a classifier trained only on fakes, as many as there are training examples, up to 10,000; for conditional models (Ravuri and Vinyals 2019, arXiv:1905.10887)",
		func() Metric { return cas{} })
}

// cas has no settings: the protocol is in the documentation.
type cas struct{}

// SelectionScores implements [Selector].
func (cas) SelectionScores() []string { return []string{"cas", "cas_worst"} }

func (cas) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	names := e.Spec.ClassNames()
	if e.Teach == nil || len(names) < 2 {
		return nil, fmt.Errorf("%w: no classifier can learn such samples, or they have no classes", ErrNotApplicable)
	}
	all, err := e.reals(data.Train, casMost, 0)
	if err != nil {
		return nil, err
	}
	taught := make([]lesson, Draws)
	for i := range taught {
		if taught[i], err = e.lesson(ctx, all.N, i); err != nil {
			return nil, err
		}
	}
	worst := mostLost(taught, len(names))
	scores := []Score{
		{Name: "cas", Better: Higher, Note: "accuracy on real test examples of a classifier that learned from fakes; the floor learned from as many real examples"},
		{Name: "cas_worst", Better: Higher, Note: fmt.Sprintf("of %q, the class that loses the most by it", names[worst])},
	}
	return overDraws(ctx, scores, func(draw int) (sample, error) {
		l := taught[draw]
		return sample{
			values: []float64{l.fakes.accuracy(), l.fakes.of(worst)}, floors: []float64{l.reals.accuracy(), l.reals.of(worst)},
			fakes: all.N, reals: all.N,
		}, nil
	})
}

// A lesson holds the test results of a classifier trained on fakes, and of one trained on reals.
type lesson struct{ fakes, reals marks }

// lesson trains both, on n examples.
func (e *Evaluation) lesson(ctx context.Context, n, draw int) (l lesson, err error) {
	if err := ctx.Err(); err != nil {
		return l, err
	}
	fakes, err := e.fakes(ctx, n, draw)
	if err != nil {
		return l, err
	}
	if fakes.Column(data.Label) == nil {
		return l, fmt.Errorf("%w: the model does not draw by class", ErrNotApplicable)
	}
	test, err := e.reals(data.Test, casMost, draw)
	if err != nil {
		return l, err
	}
	reals, err := e.reals(data.Train, n, draw)
	if err != nil {
		return l, err
	}
	if l.fakes, err = e.marks(ctx, fakes, test, draw); err != nil {
		return l, err
	}
	l.reals, err = e.marks(ctx, reals, test, draw)
	return l, err
}

// marks trains a classifier on examples and tests it on others.
func (e *Evaluation) marks(ctx context.Context, examples, test *data.Batch, draw int) (marks, error) {
	name, err := e.Teach(ctx, examples, uint64(draw))
	if err != nil {
		return marks{}, err
	}
	given, err := name(ctx, test)
	if err != nil {
		return marks{}, err
	}
	classes := len(e.Spec.ClassNames())
	m := marks{right: make([]float64, classes), all: make([]float64, classes)}
	for i, label := range test.Column(data.Label).Ints {
		m.all[label]++
		if given[i] == int(label) {
			m.right[label]++
		}
	}
	return m, nil
}

// marks counts the test examples of each class, and those classified correctly.
type marks struct{ right, all []float64 }

// accuracy is the share of all examples classified correctly.
func (m marks) accuracy() float64 { return floats.Sum(m.right) / floats.Sum(m.all) }

// of is the share of a class classified correctly, 0 if it has no examples.
func (m marks) of(class int) float64 {
	if m.all[class] == 0 {
		return 0
	}
	return m.right[class] / m.all[class]
}

// mostLost is the class with the largest drop in accuracy from reals to fakes, averaged over the
// draws.
func mostLost(taught []lesson, classes int) int {
	loss := make([]float64, classes)
	for _, l := range taught {
		for c := range loss {
			loss[c] += l.reals.of(c) - l.fakes.of(c)
		}
	}
	return floats.MaxIdx(loss)
}
