package family

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/arch"
	"atelier/model/graphs"
	"atelier/model/train"
)

// drawSize is the largest batch in which samples are drawn and judged. Smaller
// ones are padded to a [graphs.Batch], of which there are drawGraphs.
const (
	drawSize   = 48
	drawGraphs = 5
)

// A drawer draws samples with a generator: the half of a model that families whose
// samples a generator makes share.
type drawer struct {
	spec        data.Spec
	g           arch.Generator
	latent      int    // width of the latents
	conditional bool   // samples are drawn by class
	scope       string // where the weights stand that samples are drawn with
}

func (m *drawer) latentField() data.Field {
	return data.Field{Name: latentColumn, Kind: data.Vector, Shape: []int{m.latent}}
}

func (m *drawer) noiseField() data.Field {
	return data.Field{Name: noiseColumn, Kind: data.Vector, Shape: []int{m.g.Noise()}}
}

// drawingScope is where the weights stand that samples are drawn with.
func (m *drawer) drawingScope(store *model.Store) *model.Scope { return store.Scope(m.scope) }

// Sampler implements [Generative].
func (m *drawer) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	s, err := m.Steering(backend, store)
	if err != nil {
		return nil, err
	}
	return s.Sampler(1), nil
}

// A drawing is a drawer with the weights of a store.
type drawing struct {
	*drawer
	coding, sampling *graphs.Cache
	shape            []int     // of a code: layers and width
	middle           []float32 // mean of codes [layers, width]
}

// Steering implements [Steerable].
func (m *drawer) Steering(backend compute.Backend, store *model.Store) (*Steering, error) {
	d, err := m.ready(backend, store)
	if err != nil {
		return nil, err
	}
	_, latent := m.g.(arch.Direct)
	return &Steering{Codes: d.codes, Samples: oneByOne(d.draw), Centre: d.middle, Layers: d.shape[0], Latent: latent}, nil
}

// ready makes the graphs that draw with the weights in the store.
func (m *drawer) ready(backend compute.Backend, store *model.Store) (*drawing, error) {
	d := &drawing{drawer: m}
	d.coding = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.g.Codes(m.drawingScope(store), in[0], m.given(in, 1))
	})
	d.sampling = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		var e *graph.Node
		if m.g.Noise() > 0 {
			e = in[1]
		}
		return m.g.Samples(m.drawingScope(store), in[0], e, m.given(in, len(in)-1))
	})
	return d, d.centre(backend, store)
}

// given are the classes among a graph's inputs, nil if the model is unconditional.
func (m *drawer) given(in []*graph.Node, at int) *graph.Node {
	if !m.conditional {
		return nil
	}
	return in[at]
}

// classes returns the class indices [batch], nil if the model is unconditional.
func (m *drawer) classes(in *train.Inputs) *graph.Node {
	if !m.conditional {
		return nil
	}
	return in.Column(data.Label)
}

// centre notes the mean of codes, and their shape.
func (d *drawing) centre(backend compute.Backend, store *model.Store) error {
	out, err := model.CallOnce(backend, store, func(_ *model.Scope, z *graph.Node) *graph.Node {
		store.SetTraining(z.Graph(), false)
		s := d.drawingScope(store)
		if c := d.g.Centre(s, z.Graph()); c != nil {
			return c
		}
		var y *graph.Node
		if d.conditional {
			y = graph.Const(z.Graph(), []int32{0})
		}
		return graph.ZerosLike(graph.Squeeze(d.g.Codes(s, z, y), 0)) // [layers, width]
	}, tensors.FromFlatDataAndDimensions(make([]float32, d.latent), 1, d.latent))
	if err != nil {
		return err
	}
	d.shape = out.Shape().Dimensions
	d.middle, err = tensors.CopyFlatData[float32](out)
	return err
}

// codes is [Steering.Codes].
func (d *drawing) codes(ctx context.Context, seeds []uint64, conditions *data.Batch) (*data.Batch, error) {
	out := &data.Batch{N: len(seeds)}
	if d.conditional {
		labels, err := classesOf(d.spec, seeds, conditions)
		if err != nil {
			return nil, err
		}
		out.Set(labels)
	}
	if d.g.Noise() > 0 {
		e := data.NewColumn(d.noiseField(), len(seeds))
		for i, seed := range seeds {
			noise.Normals(e.Row(i), seed, sampleNoise)
		}
		out.Set(e)
	}
	all := data.NewColumn(data.Field{Name: Code, Kind: data.Vector, Shape: d.shape}, 0)
	for from := 0; from < len(seeds); from += drawSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+drawSize, len(seeds))
		z := data.NewColumn(d.latentField(), to-from)
		for i, seed := range seeds[from:to] {
			noise.Normals(z.Row(i), seed, latentNoise)
		}
		part := out.Rows(from, to)
		part.Set(z)
		got, err := call(d.coding, part, latentColumn, data.Label)
		if err != nil {
			return nil, err
		}
		all.Floats = append(all.Floats, got...)
	}
	out.Set(all)
	return out, nil
}

// draw draws at most drawSize samples at once.
func (d *drawing) draw(ctx context.Context, codes *data.Batch) (*data.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &data.Batch{N: codes.N}
	if labels := codes.Column(data.Label); labels != nil {
		out.Set(*labels)
	}
	target := data.Column{Field: d.spec.Target()}
	var err error
	if target.Floats, err = call(d.sampling, codes, Code, noiseColumn, data.Label); err != nil {
		return nil, err
	}
	clamp(target)
	out.Set(target)
	return out, nil
}

// classesOf returns the classes to draw: those asked for, or one drawn from each seed.
func classesOf(spec data.Spec, seeds []uint64, conditions *data.Batch) (data.Column, error) {
	field, _ := spec.Field(data.Label)
	labels := data.NewColumn(field, len(seeds))
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

// clamp keeps samples within the range of their field.
func clamp(c data.Column) {
	if c.Field.Kind != data.Pixels {
		return
	}
	for i, v := range c.Floats {
		c.Floats[i] = min(max(v, c.Field.Low), c.Field.High)
	}
}

func rows(b *data.Batch, from, to int) *data.Batch {
	if b == nil {
		return nil
	}
	return b.Rows(from, to)
}
