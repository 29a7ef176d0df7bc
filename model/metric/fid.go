package metric

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/model/feature"
)

func init() {
	Metrics.Add("fid2k", "Fréchet distance of 2,000 fakes to as many test examples in a feature space of our own, not Inception's (Heusel 2017, arXiv:1706.08500)",
		func() Metric { return &fid{name: "fid2k", n: 2000, least: 500} })
	Metrics.Add("fid10k", "Fréchet distance of 10,000 fakes to 10,000 test examples in a feature space of our own, not Inception's (Heusel 2017, arXiv:1706.08500)",
		func() Metric { return &fid{name: "fid10k", n: 10000, least: 10000} })
}

// fid has no settings: the protocol is part of the name.
type fid struct {
	name     string
	n, least int // fakes per draw; smallest number of test examples
}

// SelectionScores implements [Selector].
func (f *fid) SelectionScores() []string { return []string{f.name} }

func (f *fid) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.enough(f.least); err != nil {
		return nil, err
	}
	test, err := e.reals(data.Test, f.n, 0)
	if err != nil {
		return nil, err
	}
	n := min(f.n, test.N)
	if e.available(n) < n {
		return nil, fmt.Errorf("%w: it needs %d pictures, there are %d", ErrNotApplicable, n, e.Have)
	}
	scores := []Score{{Name: f.name, Better: Lower}}
	return e.compare(ctx, "", n, scores, resampled(func(real, other feature.Points) ([]float64, error) {
		d, err := Frechet(real, other)
		return []float64{d}, err
	}))
}
