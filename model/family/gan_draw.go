package family

import (
	"context"
	"fmt"
	"iter"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/graphs"
	"atelier/model/train"
)

// drawSize is the largest batch in which samples are drawn and judged. Smaller
// ones are padded to a [graphs.Batch], of which there are drawGraphs.
const (
	drawSize   = 48
	drawGraphs = 5
)

// Sampler implements [Generative].
func (m *gan) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	drawn := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.g(m.drawingScope(store), in[0], second(in))
	})
	return func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			for from := 0; from < len(seeds); from += drawSize {
				to := min(from+drawSize, len(seeds))
				b, err := m.draw(ctx, drawn, seeds[from:to], rows(conditions, from, to))
				if err != nil {
					yield(nil, err)
					return
				}
				for i := range b.N {
					if !yield(b.Rows(i, i+1), nil) {
						return
					}
				}
			}
		}
	}, nil
}

// draw draws at most drawSize samples in one padded batch.
func (m *gan) draw(ctx context.Context, drawn *graphs.Cache, seeds []uint64, conditions *data.Batch) (*data.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	size := graphs.Batch(len(seeds))
	z := data.NewColumn(m.latentField(), size)
	for i, seed := range seeds {
		noise.Normals(z.Row(i), seed, latentNoise)
	}
	args := []*tensors.Tensor{train.Tensor(&z, size)}
	out := &data.Batch{N: len(seeds)}
	if m.Conditional {
		labels, err := m.labels(seeds, conditions, size)
		if err != nil {
			return nil, err
		}
		args = append(args, train.Tensor(&labels, size))
		labels.Ints = labels.Ints[:len(seeds)]
		out.Set(labels)
	}
	x, err := drawn.Call(args...)
	if err != nil {
		return nil, err
	}
	target := data.Column{Field: m.spec.Target()}
	if target.Floats, err = tensors.CopyFlatData[float32](x[0]); err != nil {
		return nil, err
	}
	target.Floats = target.Floats[:len(seeds)*target.Field.Size()]
	clamp(target)
	out.Set(target)
	return out, nil
}

// labels returns the classes to draw, padded to size: those asked for, or one
// drawn from each seed.
func (m *gan) labels(seeds []uint64, conditions *data.Batch, size int) (data.Column, error) {
	field, _ := m.spec.Field(data.Label)
	labels := data.NewColumn(field, size)
	if asked := conditions.Column(data.Label); asked != nil {
		for i, class := range asked.Ints {
			if class < 0 || int(class) >= len(field.Classes) {
				return labels, fmt.Errorf("class %d: the model has classes 0 to %d", class, len(field.Classes)-1)
			}
			labels.Ints[i] = class
		}
		return labels, nil
	}
	for i, seed := range seeds {
		labels.Ints[i] = int32(noise.Stream(seed, classNoise).IntN(len(field.Classes)))
	}
	return labels, nil
}

// Judge implements [Judging].
func (m *gan) Judge(backend compute.Backend, store *model.Store) (Judge, error) {
	judged := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.d(store.Scope(discriminatorScope), in[0], second(in))
	})
	return func(ctx context.Context, b *data.Batch) ([]float64, error) {
		return numbers(ctx, b, drawSize, func(part *data.Batch) ([]*tensors.Tensor, error) {
			return judged.Call(m.judged(part)...)
		})
	}, nil
}

// judged returns D's inputs for at most drawSize samples, padded.
func (m *gan) judged(b *data.Batch) []*tensors.Tensor {
	size := graphs.Batch(b.N)
	names := []string{data.Target}
	if m.Conditional {
		names = append(names, data.Label)
	}
	var args []*tensors.Tensor
	for _, f := range m.spec.Only(names...).Fields {
		padded := data.NewColumn(f, size)
		copy(padded.Floats, b.Column(f.Name).Floats)
		copy(padded.Ints, b.Column(f.Name).Ints)
		args = append(args, train.Tensor(&padded, size))
	}
	return args
}

// clamp keeps samples within the range of their field.
func clamp(c data.Column) {
	if c.Field.Kind != data.Pixels {
		return
	}
	for i, v := range c.Floats {
		c.Floats[i] = min(max(v, c.Field.Low), c.Field.High)
	}
}

func second(in []*graph.Node) *graph.Node {
	if len(in) < 2 {
		return nil
	}
	return in[1]
}

func rows(b *data.Batch, from, to int) *data.Batch {
	if b == nil {
		return nil
	}
	return b.Rows(from, to)
}
