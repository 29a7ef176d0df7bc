package bench

import (
	"context"
	"iter"
	"strconv"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/nn"
	"atelier/model/train"
)

// A noiseSet is a set of noise examples of one field. It is source and codec in one.
type noiseSet struct {
	field data.Field
	size  int // of the training part
}

// Items implements [data.Source]. The test part is empty.
func (s noiseSet) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for i := range s.size {
			if split == data.Test || !yield(data.Item{Name: strconv.Itoa(i)}, nil) {
				return
			}
		}
	}
}

// Spec implements [data.Codec].
func (s noiseSet) Spec([]string) (data.Spec, error) {
	return data.Spec{Fields: []data.Field{s.field}}, nil
}

// Encode implements [data.Codec]: uniform numbers over the field's range.
func (s noiseSet) Encode(ex data.Example, b *data.Batch, at int) error {
	i, err := strconv.ParseUint(ex[data.Target].Name, 10, 64)
	if err != nil {
		return err
	}
	column, rng := b.Column(data.Target), noise.Stream(0, i)
	if s.field.Kind == data.Tokens {
		for k, row := 0, column.Tokens(at); k < len(row); k++ {
			row[k] = int32(rng.IntN(s.field.Vocabulary))
		}
		return nil
	}
	for k, row := 0, column.Row(at); k < len(row); k++ {
		row[k] = s.field.Low + rng.Float32()*(s.field.High-s.field.Low)
	}
	return nil
}

// Decode implements [data.Codec], but noise is never decoded.
func (noiseSet) Decode(*data.Batch, int) (data.Item, error) { return data.Item{}, nil }

// MediaType implements [data.Codec].
func (noiseSet) MediaType() string { return "" }

// loader returns the training batches of the set.
func (s noiseSet) loader(batch int) (*data.Loader, data.Spec, error) {
	set, _, err := data.Load(context.Background(), s, s)
	if err != nil {
		return nil, data.Spec{}, err
	}
	return data.NewLoader(set, batch, 1, nil, 0), set.Spec(), nil
}

// A trainee is a model, by the name of its family and its settings as in a run file.
type trainee struct {
	family   string
	settings []string
}

// training opens a model's training on a set; a step is a training step.
func training(t trainee, set noiseSet, batch int) func(compute.Backend) (func() error, error) {
	return func(b compute.Backend) (func() error, error) {
		_, loop, err := trainer(b, t, set, batch)
		if err != nil {
			return nil, err
		}
		return func() error {
			loop.Total++
			return loop.Run(context.Background())
		}, nil
	}
}

// trainer is an initialized model and its training loop, as in a run.
func trainer(b compute.Backend, t trainee, set noiseSet, batch int) (family.Model, *train.Loop, error) {
	loader, spec, err := set.loader(batch)
	if err != nil {
		return nil, nil, err
	}
	f, err := registry.Make[family.Family](t.family, t.settings...)
	if err != nil {
		return nil, nil, err
	}
	m, err := f.Value.Model(spec)
	if err != nil {
		return nil, nil, err
	}
	store := model.NewStore()
	nn.Seed(store, 1)
	loop := &train.Loop{Backend: b, Store: store, Stages: m.Stages(), Batches: loader,
		Schedule: registry.Choose[train.Schedule]("constant").Value, Seed: 1, Damping: 1}
	return m, loop, loop.Build(spec, batch)
}
