package family

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/graphs"
)

// Encoder implements [Encoding]: codes come from the mean latents.
func (m *vae) Encoder(backend compute.Backend, store *model.Store) (Encoder, error) {
	d, err := m.ready(backend, store)
	if err != nil {
		return nil, err
	}
	scope := encoderScope
	if m.EMA > 0 {
		scope = emaEncoderScope
	}
	coded := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		told := m.given(in, 1)
		mean, _ := m.encode(store.Scope(scope), in[0], told) // [batch, latent]
		return m.g.Codes(m.drawingScope(store), mean, told)  // [batch, layers, width]
	})
	return func(ctx context.Context, b *data.Batch) (*data.Batch, error) {
		return d.encoded(ctx, coded, b)
	}, nil
}

// encoded returns the codes of the examples of a batch, from a graph of their pictures
// and classes, with the other columns that sampling needs.
func (d *drawing) encoded(ctx context.Context, coded *graphs.Cache, b *data.Batch) (*data.Batch, error) {
	out := &data.Batch{N: b.N}
	names := []string{data.Target}
	if d.conditional {
		labels := b.Column(data.Label)
		if labels == nil {
			return nil, fmt.Errorf("the model encodes pictures by class, but these have no class")
		}
		names = append(names, data.Label)
		out.Set(*labels)
	}
	all := data.NewColumn(data.Field{Name: Code, Kind: data.Vector, Shape: d.shape}, 0)
	for from := 0; from < b.N; from += AtOnce {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		codes, err := call(coded, b.Rows(from, min(from+AtOnce, b.N)), names...)
		if err != nil {
			return nil, err
		}
		all.Floats = append(all.Floats, codes...)
	}
	out.Set(all)
	return out, nil
}
