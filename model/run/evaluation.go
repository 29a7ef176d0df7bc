package run

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/metric"
)

// scoreSeed seeds the selection of real examples and the draws of samples for scores. It
// is the same for every run, so that runs are compared on the same real examples.
const scoreSeed = 0x73636f7265 // "score"

// A set is the data of a run, both parts.
type set struct {
	train, test *data.Dataset
}

// reals implements [metric.Evaluation.Reals].
func (s set) reals(split data.Split, n, draw int) (*data.Batch, error) {
	ds, key := s.train, uint64(0)
	if split == data.Test {
		ds, key = s.test, 1
	}
	if ds == nil || ds.Len() == 0 {
		return nil, fmt.Errorf("%w: the data has no %s part", metric.ErrNotApplicable, split)
	}
	order := noise.Stream(scoreSeed, key, uint64(draw)).Perm(ds.Len())
	return ds.Batch(order[:min(n, len(order))]), nil
}

// evaluationOf prepares the evaluation of a model with the weights in the store, and of a
// sampler.
func (s *Studio) evaluationOf(ctx context.Context, c *Config, d set, m family.Model, store *model.Store, sampler family.Sampler) (*metric.Evaluation, error) {
	e, err := s.evaluation(ctx, c, d)
	if err != nil {
		return nil, err
	}
	conditions := func(int, int) (*data.Batch, error) { return nil, nil }
	if len(needed(m)) > 0 {
		// All held-out examples: their targets are the references of the fakes.
		e.Truths = func(n, draw int) (*data.Batch, error) { return d.reals(data.Test, n, draw) }
		conditions = func(n, draw int) (*data.Batch, error) {
			b, err := e.Truths(n, draw)
			if err != nil {
				return nil, err
			}
			return conditionsOf(m, b, n), nil
		}
	}
	e.Fakes = func(ctx context.Context, n, draw int) (*data.Batch, error) {
		return s.drawn(ctx, sampler, n, draw, conditions)
	}
	return e, s.means(e, m, store)
}

// evaluation prepares the real data that fakes are compared with. Texts have no feature
// space.
func (s *Studio) evaluation(ctx context.Context, c *Config, d set) (*metric.Evaluation, error) {
	e := &metric.Evaluation{Spec: d.train.Spec(), Reals: d.reals, Space: spaceOf(c, d.train.Spec())}
	if e.Spec.Target().Kind == data.Tokens {
		return e, ofTexts(e, c.Codec.Value, d.train)
	}
	e.Layer = s.layer(ctx, c)
	e.Teach = s.teacher(e.Spec)
	e.Embedder = func(name string) (feature.Embedder, error) { return s.embedder(ctx, c, d, name) }
	if m, ok := c.Data.Value.(data.Mixed); ok {
		mixture, err := encoded(m, c.Codec.Value, e.Spec)
		if err != nil {
			return nil, err
		}
		e.Mixture = mixture
	}
	return e, nil
}

// spaceOf is the name of the feature space of a run's scores; empty for texts.
func spaceOf(c *Config, spec data.Spec) string {
	_, stacked := c.Data.Value.(data.Layered)
	switch {
	case c.Score.Space != "" || spec.Target().Kind == data.Tokens:
		return c.Score.Space
	case len(spec.ClassNames()) > 1 && !stacked:
		return classifierName
	}
	return "random"
}

// means adds the other abilities of the model to an evaluation: judging, likelihoods.
func (s *Studio) means(e *metric.Evaluation, m family.Model, store *model.Store) error {
	if j, ok := m.(family.Judging); ok {
		judge, err := j.Judge(s.Backend, store)
		if err != nil {
			return err
		}
		e.Judge = judge
	}
	if l, ok := m.(family.Likely); ok {
		likelihood, err := l.Likelihood(s.Backend, store)
		if err != nil {
			return err
		}
		e.Likelihood = likelihood
	}
	return nil
}

// drawn returns the n samples of one of the draws for scores.
func (s *Studio) drawn(ctx context.Context, sampler family.Sampler, n, draw int, conditions func(n, draw int) (*data.Batch, error)) (*data.Batch, error) {
	by, err := conditions(n, draw)
	if err != nil {
		return nil, err
	}
	work := fmt.Sprintf("drawing samples for scores, %d of %d:", draw+1, metric.Draws)
	samples := sampler(ctx, Seeds(scoreSeed<<24+uint64(draw)<<20, n), by)
	return gather(samples, n, func(done int) { s.working(work, done, n) })
}

// gather collects n samples into one batch, with progress after each [family.AtOnce] of them: these
// come all together, and if the first were reported, it would be what is shown while the next are drawn.
func gather(samples iter.Seq2[*data.Batch, error], n int, told func(done int)) (*data.Batch, error) {
	var out *data.Batch
	i := 0
	told(i)
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = &data.Batch{N: n}
			for _, c := range b.Columns {
				out.Set(data.NewColumn(c.Field, n))
			}
		}
		for _, c := range b.Columns {
			all, size := out.Column(c.Field.Name), c.Field.Size()
			if c.Ints != nil {
				copy(all.Ints[i*size:], c.Ints)
			} else {
				copy(all.Floats[i*size:], c.Floats)
			}
		}
		if i++; i%family.AtOnce == 0 || i == n {
			told(i)
		}
	}
	return out, nil
}

// encoded sees a mixture through the codec, as the networks do.
func encoded(m data.Mixed, codec data.Codec, spec data.Spec) (*metric.Mixture, error) {
	centres, sigma := m.Mixture()
	spec = spec.Only(data.Target)
	at := func(x, y float64) ([]float64, error) {
		b := data.NewBatch(spec, 1)
		item := data.Item{Name: "centre", MediaType: "text/csv", Bytes: fmt.Appendf(nil, "%v,%v", x, y)}
		if err := codec.Encode(data.ExampleOf(item), b, 0); err != nil {
			return nil, err
		}
		row := b.Columns[0].Row(0)
		return []float64{float64(row[0]), float64(row[1])}, nil
	}
	out := &metric.Mixture{}
	for _, c := range centres {
		p, err := at(c[0], c[1])
		if err != nil {
			return nil, err
		}
		out.Centres = append(out.Centres, p)
	}
	zero, err := at(0, 0)
	if err != nil {
		return nil, err
	}
	one, err := at(1, 0)
	out.Sigma = sigma * math.Hypot(one[0]-zero[0], one[1]-zero[1])
	return out, err
}

// measure runs the chosen metrics. Inapplicable ones are left out, with a notice.
func (s *Studio) measure(ctx context.Context, e *metric.Evaluation, chosen []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	var scores []metric.Score
	for i, m := range chosen {
		s.working("scoring", i, len(chosen))
		got, err := m.Value.Measure(ctx, e)
		switch {
		case errors.Is(err, metric.ErrNotApplicable):
			s.notice(fmt.Sprintf("left out %s: %v", m.Use, err))
			continue
		case err != nil:
			return nil, fmt.Errorf("metric %s: %w", m.Use, err)
		}
		scores = append(scores, got...)
	}
	return scores, nil
}
