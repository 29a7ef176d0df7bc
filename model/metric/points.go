package metric

import (
	"context"
	"errors"
	"fmt"

	"atelier/data"
	"atelier/model/feature"
)

// memo caches what several metrics use.
type memo struct {
	fakes     map[fakesKey]*data.Batch
	embedders map[string]feature.Embedder
	points    map[pointsKey]feature.Points
	known     map[int]*knownPictures // by the largest number of training pictures
}

// Follow takes over the cache of another evaluation, of the same reals in the same spaces.
func (e *Evaluation) Follow(other *Evaluation) {
	e.memo.embedders, e.memo.known = other.memo.embedders, other.memo.known
	e.memo.points = map[pointsKey]feature.Points{}
	for key, p := range other.memo.points {
		if key.set != fakesSet {
			e.memo.points[key] = p
		}
	}
}

type fakesKey struct{ n, draw int }

type pointsKey struct {
	space, set string
	n, draw    int
}

// fakesSet is the cache key of generated examples; parts of a set are their own keys.
const fakesSet = "fakes"

// reals returns n real examples of a part of the set, or all if there are fewer.
func (e *Evaluation) reals(split data.Split, n, draw int) (*data.Batch, error) {
	if e.Reals == nil {
		return nil, fmt.Errorf("%w: there are no real examples", ErrNotApplicable)
	}
	b, err := e.Reals(split, n, draw)
	if err != nil {
		return nil, err
	}
	if b == nil || b.N == 0 || b.Column(data.Target) == nil {
		return nil, fmt.Errorf("%w: the set has no %s examples", ErrNotApplicable, split)
	}
	return b, nil
}

// fakes returns n generated examples.
func (e *Evaluation) fakes(ctx context.Context, n, draw int) (*data.Batch, error) {
	if e.Fakes == nil {
		return nil, fmt.Errorf("%w: there are no generated examples", ErrNotApplicable)
	}
	key := fakesKey{n, draw}
	if b, ok := e.memo.fakes[key]; ok {
		return b, nil
	}
	b, err := e.Fakes(ctx, n, draw)
	if err != nil {
		return nil, err
	}
	if b == nil || b.N != n || b.Column(data.Target) == nil {
		return nil, fmt.Errorf("asked for %d generated examples, got another count", n)
	}
	if e.memo.fakes == nil {
		e.memo.fakes = map[fakesKey]*data.Batch{}
	}
	e.memo.fakes[key] = b
	return b, nil
}

// fakesAndTest returns n generated and n held-out examples; fewer if there are not that many.
func (e *Evaluation) fakesAndTest(ctx context.Context, n, draw int) (fakes, test *data.Batch, err error) {
	if fakes, err = e.fakes(ctx, e.available(n), draw); err != nil {
		return nil, nil, err
	}
	test, err = e.reals(data.Test, n, draw)
	return fakes, test, err
}

// embedder opens the named space, or the evaluation's own if the name is empty.
func (e *Evaluation) embedder(space string) (feature.Embedder, error) {
	if space == "" {
		space = e.Space
	}
	if e.Embedder == nil || space == "" {
		return nil, fmt.Errorf("%w: there is no feature space to compare in", ErrNotApplicable)
	}
	if m, ok := e.memo.embedders[space]; ok {
		return m, nil
	}
	m, err := e.Embedder(space)
	switch {
	case errors.Is(err, feature.ErrNoWeights):
		return nil, fmt.Errorf("%w: feature space %s: %w", ErrNotApplicable, space, err)
	case err != nil:
		return nil, err
	}
	if e.memo.embedders == nil {
		e.memo.embedders = map[string]feature.Embedder{}
	}
	e.memo.embedders[space] = m
	return m, nil
}

// realPoints returns n embedded real examples of a part of the set.
func (e *Evaluation) realPoints(ctx context.Context, space feature.Embedder, split data.Split, n, draw int) (feature.Points, error) {
	return e.embed(ctx, space, pointsKey{space.Name(), string(split), n, draw}, func() (*data.Batch, error) {
		return e.reals(split, n, draw)
	})
}

// fakePoints returns n embedded generated examples.
func (e *Evaluation) fakePoints(ctx context.Context, space feature.Embedder, n, draw int) (feature.Points, error) {
	return e.embed(ctx, space, pointsKey{space.Name(), fakesSet, n, draw}, func() (*data.Batch, error) {
		return e.fakes(ctx, n, draw)
	})
}

func (e *Evaluation) embed(ctx context.Context, space feature.Embedder, key pointsKey, examples func() (*data.Batch, error)) (feature.Points, error) {
	if p, ok := e.memo.points[key]; ok {
		return p, nil
	}
	b, err := examples()
	if err != nil {
		return feature.Points{}, err
	}
	p, err := space.Embed(ctx, b.Column(data.Target))
	if err != nil {
		return feature.Points{}, fmt.Errorf("feature space %s: %w", space.Name(), err)
	}
	if e.memo.points == nil {
		e.memo.points = map[pointsKey]feature.Points{}
	}
	e.memo.points[key] = p
	return p, nil
}
