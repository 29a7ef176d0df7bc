package family

import (
	"context"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/graphs"
)

// A Salient model shows what its discriminator looks at.
type Salient interface {
	Judging
	// Saliency uses the weights in the store, shuffled within each variable by the seed unless it
	// is 0: a map that stays the same then shows nothing that was learned (Adebayo et al. 2018,
	// arXiv:1810.03292).
	Saliency(backend compute.Backend, store *model.Store, shuffled uint64) (Saliency, error)
}

// A Saliency returns the gradient of the discriminator's logit by each value of the samples,
// [batch, height, width, channels] (Simonyan, Vedaldi and Zisserman 2013, arXiv:1312.6034), and the logits.
type Saliency func(ctx context.Context, b *data.Batch) (gradients []float32, logits []float64, err error)

// Saliency implements [Salient].
func (m judgingGAN) Saliency(backend compute.Backend, store *model.Store, shuffled uint64) (Saliency, error) {
	if shuffled != 0 {
		var err error
		if store, err = shuffledStore(store, shuffled); err != nil {
			return nil, err
		}
	}
	judge, err := m.Judge(backend, store)
	if err != nil {
		return nil, err
	}
	gradients := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		_, logits := m.judge(store, in[0], m.given(in, 1))
		return graph.Gradient(graph.ReduceAllSum(logits), in[0])[0] // [batch, height, width, channels]
	})
	names := []string{data.Target}
	if m.Conditional {
		names = append(names, data.Label)
	}
	return func(ctx context.Context, b *data.Batch) (maps []float32, logits []float64, err error) {
		for from := 0; from < b.N; from += AtOnce {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			part, err := call(gradients, b.Rows(from, min(from+AtOnce, b.N)), names...)
			if err != nil {
				return nil, nil, err
			}
			maps = append(maps, part...)
		}
		logits, err = judge(ctx, b)
		return maps, logits, err
	}, nil
}

// shuffledStore is a store with the variables of the discriminator, the values of each shuffled.
func shuffledStore(store *model.Store, seed uint64) (*model.Store, error) {
	out := model.NewStore()
	for v := range store.IterVariables() {
		if !strings.HasPrefix(v.Path(), "/"+discriminatorScope+"/") {
			continue
		}
		t, err := v.Value()
		if err != nil {
			return nil, err
		}
		values, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		key := fnv.New64a()
		key.Write([]byte(v.Path()))
		old := slices.Clone(values)
		for i, k := range noise.Stream(seed, key.Sum64(), shuffleNoise).Perm(len(values)) {
			values[i] = old[k]
		}
		if _, err := out.CreateVariable(v.Path(), tensors.FromFlatDataAndDimensions(values, v.Shape().Dimensions...)); err != nil {
			return nil, err
		}
	}
	return out, nil
}
