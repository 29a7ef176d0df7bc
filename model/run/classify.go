package run

import (
	"context"
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/metric"
)

// accuracy is the share of a set's examples that the classifier classifies correctly.
func (s *Studio) accuracy(ctx context.Context, c *Config, weights string, ds *data.Dataset) (metric.Score, error) {
	score := metric.Score{Name: "accuracy", Better: metric.Higher, Draws: 1, N: ds.Len(), Note: "on examples held out"}
	if ds.Len() == 0 {
		return score, fmt.Errorf("accuracy: %w: the data has no test part", metric.ErrNotApplicable)
	}
	e, err := s.classifierSpace(c.Model, feature.Set{Name: ds.Name(), Spec: ds.Spec(), Weights: weights})
	if err != nil {
		return score, err
	}
	all, err := set{test: ds}.reals(data.Test, ds.Len(), 0)
	if err != nil {
		return score, err
	}
	points, err := e.Embed(ctx, all.Column(data.Target))
	if err != nil {
		return score, err
	}
	classes, right := len(points.Probabilities)/points.N, 0
	for i, label := range all.Column(data.Label).Ints {
		if argmax(points.Probabilities[i*classes:(i+1)*classes]) == int(label) {
			right++
		}
	}
	score.Value = float64(right) / float64(ds.Len())
	return score, nil
}

// classifierSpace opens the feature space of a classifier.
func (s *Studio) classifierSpace(judge registry.Choice[family.Family], of feature.Set) (feature.Embedder, error) {
	space, err := feature.Spaces.New("classifier")
	if err != nil {
		return nil, err
	}
	if of.Network, err = family.NetworkOf(judge.Value, of.Spec); err != nil {
		return nil, err
	}
	return space.Open(s.Backend, of)
}

func argmax(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
