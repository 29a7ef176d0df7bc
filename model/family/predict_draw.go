package family

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/arch"
	"atelier/model/graphs"
)

// Sampler implements [Generative].
func (m *predict) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	scope := predictorScope
	if m.EMA > 0 {
		scope = emaPredictorScope
	}
	next := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return arch.Joined(m.warp.Next(store.Scope(scope), arch.Split(in[0], 0, m.Given)))
	})
	return m.sampler(func(_ context.Context, window *data.Column, n int) ([]float32, error) {
		part := &data.Batch{N: n}
		part.Set(*window)
		return call(next, part, data.Target)
	}), nil
}
