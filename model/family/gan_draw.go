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
	"atelier/model/train"
)

// drawSize is the batch in which samples are drawn and judged, whatever their
// number: one compiled graph, and the same arithmetic for a sample wherever it
// stands. It is a multiple of 3 because gomlx's Go backend sums the rows left
// over from blocks of 3 in another order.
const drawSize = 60

// Sampler implements [Generative].
func (m *gan) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.g(m.drawingScope(store), in[0], second(in))
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			for from := 0; from < len(seeds); from += drawSize {
				to := min(from+drawSize, len(seeds))
				b, err := m.draw(ctx, exec, seeds[from:to], rows(conditions, from, to))
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

// draw draws at most drawSize samples in a batch that is padded to drawSize.
func (m *gan) draw(ctx context.Context, exec *model.Exec, seeds []uint64, conditions *data.Batch) (*data.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	z := data.NewColumn(m.latentField(), drawSize)
	for i, seed := range seeds {
		noise.Normals(z.Row(i), seed, latentNoise)
	}
	args := []any{train.Tensor(&z, drawSize)}
	out := &data.Batch{N: len(seeds)}
	if m.Conditional {
		labels, err := m.labels(seeds, conditions)
		if err != nil {
			return nil, err
		}
		args = append(args, train.Tensor(&labels, drawSize))
		labels.Ints = labels.Ints[:len(seeds)]
		out.Set(labels)
	}
	x, err := exec.Call1(args...)
	if err != nil {
		return nil, err
	}
	target := data.Column{Field: m.spec.Target()}
	if target.Floats, err = tensors.CopyFlatData[float32](x); err != nil {
		return nil, err
	}
	target.Floats = target.Floats[:len(seeds)*target.Field.Size()]
	clamp(target)
	out.Set(target)
	return out, nil
}

// labels returns the classes to draw, padded to drawSize: those asked for, or
// one drawn from each seed.
func (m *gan) labels(seeds []uint64, conditions *data.Batch) (data.Column, error) {
	field, _ := m.spec.Field(data.Label)
	labels := data.NewColumn(field, drawSize)
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
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.d(store.Scope(discriminatorScope), in[0], second(in))
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, b *data.Batch) ([]float64, error) {
		logits := make([]float64, 0, b.N)
		for from := 0; from < b.N; from += drawSize {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			to := min(from+drawSize, b.N)
			out, err := exec.Call1(m.judged(b.Rows(from, to))...)
			if err != nil {
				return nil, err
			}
			values, err := tensors.CopyFlatData[float32](out)
			if err != nil {
				return nil, err
			}
			for _, v := range values[:to-from] {
				logits = append(logits, float64(v))
			}
		}
		return logits, nil
	}, nil
}

// judged returns D's inputs for at most drawSize samples, padded to drawSize.
func (m *gan) judged(b *data.Batch) []any {
	names := []string{data.Target}
	if m.Conditional {
		names = append(names, data.Label)
	}
	var args []any
	for _, f := range m.spec.Only(names...).Fields {
		padded := data.NewColumn(f, drawSize)
		copy(padded.Floats, b.Column(f.Name).Floats)
		copy(padded.Ints, b.Column(f.Name).Ints)
		args = append(args, train.Tensor(&padded, drawSize))
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
