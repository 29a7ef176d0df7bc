package family

import (
	"context"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/graphs"
)

// judgingGAN is a GAN whose D judges samples one by one.
type judgingGAN struct{ *gan }

// Judge implements [Judging].
func (m judgingGAN) Judge(backend compute.Backend, store *model.Store) (Judge, error) {
	judged := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		_, logits := m.judge(store, in[0], m.given(in, 1))
		if logits.Shape().Dim(1) > 1 { // of several networks
			return graph.ReduceMean(logits, 1)
		}
		return logits
	})
	names := []string{data.Target}
	names = append(names, m.conditions()...)
	return func(ctx context.Context, b *data.Batch) ([]float64, error) {
		if m.text {
			lines, err := firstLines(m.spec, b, b.N)
			if err != nil {
				return nil, err
			}
			b = &data.Batch{N: b.N, Columns: slices.Clone(b.Columns)}
			b.Set(lines)
		}
		return numbers(ctx, b, AtOnce, func(part *data.Batch) ([]float32, error) {
			return call(judged, part, names...)
		})
	}, nil
}
