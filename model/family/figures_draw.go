package family

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/graphs"
)

// Sampler implements [Generative].
func (m *figuresModel) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	scope := predictorScope
	if m.EMA > 0 {
		scope = emaPredictorScope
	}
	goes := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.goes(store.Scope(scope), in[0])
	})
	return m.sampler(func(ctx context.Context, window *data.Column, n int) ([]float32, error) {
		scenes, path, err := m.found(ctx, window, n)
		if err != nil {
			return nil, err
		}
		part := &data.Batch{N: n}
		part.Set(path)
		off, err := call(goes, part, pathColumn)
		if err != nil {
			return nil, err
		}
		var drawn []float32
		for i, s := range scenes {
			row := off[i*m.goesField().Size():]
			for k := range m.Ahead {
				at := make([][2]float64, m.Count)
				for j := range at {
					for axis := range 2 {
						at[j][axis] = float64(row[(2*j+axis)*m.Ahead+k])
					}
				}
				drawn = append(drawn, s.Draw(at)...)
			}
		}
		return drawn, nil
	}), nil
}
