package feature

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"atelier/data"
)

func init() {
	Spaces.Add("identity", "the samples themselves: for points of few dimensions; for pictures, distance in pixels says little",
		func() Space { return identity{} })
}

// identity is the space of the samples themselves. It has no settings.
type identity struct{}

func (identity) Open(_ compute.Backend, set Set) (Embedder, error) {
	f := set.Spec.Target()
	if f.Kind == data.Classes || f.Size() == 0 || len(f.Shape) == 0 {
		return nil, fmt.Errorf("feature space identity: there are no numbers in %v", f)
	}
	return itself{f}, nil
}

type itself struct{ field data.Field }

func (itself) Name() string { return "identity" }

func (e itself) Embed(_ context.Context, samples *data.Column) (Points, error) {
	if err := sameShape(e.field, samples); err != nil {
		return Points{}, err
	}
	p := Points{N: rows(samples), Width: e.field.Size(), Features: make([]float64, len(samples.Floats))}
	for i, v := range samples.Floats {
		p.Features[i] = float64(v)
	}
	return p, nil
}
