package run

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/metric"
	"atelier/model/nn"
	"atelier/model/train"
)

// Training settings of classifiers for scores, always the same, so that only the examples
// make a difference.
const (
	lessonSteps = 1000
	lessonBatch = 64
)

// teacher returns a function that trains classifiers for scores, nil if none can learn such
// samples.
func (s *Studio) teacher(spec data.Spec) func(context.Context, *data.Batch, uint64) (metric.Predictor, error) {
	m, err := registry.Choose[family.Family]("classifier").Value.Model(spec.Only(data.Target, data.Label))
	predictive, ok := m.(family.Predictive)
	if err != nil || !ok {
		return nil
	}
	return func(ctx context.Context, examples *data.Batch, seed uint64) (metric.Predictor, error) {
		store, err := s.teach(ctx, m, examples, lessonSteps, seed)
		if err != nil {
			return nil, fmt.Errorf("training a classifier for a score: %w", err)
		}
		predict, err := predictive.Predictor(s.Backend, store)
		return metric.Predictor(predict), err
	}
}

// teach trains a model on examples and returns its weights. Nothing is written.
func (s *Studio) teach(ctx context.Context, m family.Model, examples *data.Batch, steps int, seed uint64) (*model.Store, error) {
	ds := data.DatasetOf(examples)
	loader := data.NewLoader(ds, lessonBatch, seed, nil, 0)
	defer loader.Close()
	store := model.NewStore()
	nn.Seed(store, seed)
	loop := &train.Loop{
		Backend: s.Backend, Store: store, Stages: m.Stages(), Batches: loader,
		Schedule: registry.Choose[train.Schedule]("cosine").Value, Seed: seed, Total: steps, Damping: 1,
		Hooks: []train.Hook{func(_ context.Context, e train.Event) error {
			if s.Progress != nil {
				s.Progress(e)
			}
			return nil
		}},
	}
	if err := loop.Build(ds.Spec(), lessonBatch); err != nil {
		return nil, err
	}
	return store, loop.Run(ctx)
}
