package family

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/arch"
	"atelier/model/graphs"
	"atelier/model/train"
)

// A Dissectable model shows the units of its generator: what they do, and what samples are without
// them (Bau et al. 2018, arXiv:1811.10597).
type Dissectable interface {
	Steerable
	// Units are those of the generator, with the weights in the store.
	Units(compute.Backend, *model.Store) (*Units, error)
}

// Units are the hidden units of a generator. They may be used concurrently.
type Units struct {
	// Layers are its hidden layers, from the code to the sample.
	Layers []UnitLayer
	// Activations are those of a layer, [batch, height, width, units], and the samples, for codes as
	// of [Steering.Codes].
	Activations func(ctx context.Context, codes *data.Batch, layer int) (activations []float32, samples *data.Batch, err error)
	// Scaled are the samples with each unit of a layer multiplied by a factor, [batch, units]: 0
	// ablates it.
	Scaled func(ctx context.Context, codes *data.Batch, layer int, factors []float32) (*data.Batch, error)
}

// A UnitLayer is a hidden layer: its feature map, 1×1 for dense layers, and its number of units.
type UnitLayer struct {
	Height int `json:"height"`
	Width  int `json:"width"`
	Units  int `json:"units"`
}

// A tapping is the state of [Units].
type tapping struct {
	*drawer
	layers []UnitLayer
	looks  []*graphs.Cache // by layer: activations
	scales []*graphs.Cache // by layer: samples with factors
	plain  *Steering
}

// factorsColumn is the column with the factors of units.
const factorsColumn = "factors"

// Units implements [Dissectable].
func (m *drawer) Units(backend compute.Backend, store *model.Store) (*Units, error) {
	g, ok := m.g.(arch.Tappable)
	if !ok {
		return nil, fmt.Errorf("the generator shows no units")
	}
	t := &tapping{drawer: m}
	var err error
	if t.plain, err = m.Steering(backend, store); err != nil {
		return nil, err
	}
	sampled := func(in []*graph.Node, told int, tap arch.Tap) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return g.Tapped(tap).Samples(m.drawingScope(store), in[0], m.given(in, told))
	}
	if err := t.measure(backend, store, sampled); err != nil {
		return nil, err
	}
	for i := range t.layers {
		t.looks = append(t.looks, graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
			var seen *graph.Node
			sampled(in, 1, func(layer int, x *graph.Node) *graph.Node {
				if layer == i {
					seen = x
				}
				return x
			})
			return seen // [batch, height, width, units]
		}))
		t.scales = append(t.scales, graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
			return sampled(in, 2, func(layer int, x *graph.Node) *graph.Node {
				if layer != i {
					return x
				}
				factors := in[1] // [batch, units]
				for factors.Rank() < x.Rank() {
					factors = graph.InsertAxes(factors, 1)
				}
				return graph.Mul(x, factors)
			})
		}))
	}
	return &Units{Layers: t.layers, Activations: t.activations, Scaled: t.scaled}, nil
}

// measure records the shapes of the hidden layers.
func (t *tapping) measure(backend compute.Backend, store *model.Store, sampled func([]*graph.Node, int, arch.Tap) *graph.Node) error {
	shapes := graphs.New(backend, store, 1, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		t.layers = nil
		return sampled(in, 1, func(_ int, x *graph.Node) *graph.Node {
			d := x.Shape().Dimensions
			l := UnitLayer{1, 1, d[len(d)-1]}
			if len(d) == 4 {
				l.Height, l.Width = d[1], d[2]
			}
			t.layers = append(t.layers, l)
			return x
		})
	})
	codes, err := t.plain.Codes(context.Background(), []uint64{0}, nil)
	if err != nil {
		return err
	}
	size := graphs.Batch(1)
	padded := data.NewColumn(codes.Column(Code).Field, size)
	args := []*tensors.Tensor{train.Tensor(&padded, size)}
	if t.conditional {
		args = append(args, tensors.FromFlatDataAndDimensions(make([]int32, size), size))
	}
	if _, err := shapes.Call(args...); err != nil {
		return err
	}
	if len(t.layers) == 0 {
		return fmt.Errorf("the generator has no hidden layer")
	}
	return nil
}

// activations is [Units.Activations].
func (t *tapping) activations(ctx context.Context, codes *data.Batch, layer int) (all []float32, samples *data.Batch, err error) {
	samples, err = t.inParts(ctx, codes, func(part *data.Batch) ([]float32, error) {
		seen, err := call(t.looks[layer], part, Code, data.Label)
		all = append(all, seen...)
		if err != nil {
			return nil, err
		}
		return t.drawnPlain(ctx, part)
	})
	return all, samples, err
}

// drawnPlain are the pixels of plain samples.
func (t *tapping) drawnPlain(ctx context.Context, codes *data.Batch) (pixels []float32, err error) {
	for b, err := range t.plain.Samples(ctx, codes) {
		if err != nil {
			return nil, err
		}
		pixels = append(pixels, b.Column(data.Target).Floats...)
	}
	return pixels, nil
}

// scaled is [Units.Scaled].
func (t *tapping) scaled(ctx context.Context, codes *data.Batch, layer int, factors []float32) (*data.Batch, error) {
	units := t.layers[layer].Units
	with := &data.Batch{N: codes.N, Columns: slices.Clone(codes.Columns)}
	with.Set(data.Column{Field: data.Field{Name: factorsColumn, Kind: data.Vector, Shape: []int{units}}, Floats: factors})
	return t.inParts(ctx, with, func(part *data.Batch) ([]float32, error) {
		return call(t.scales[layer], part, Code, factorsColumn, data.Label)
	})
}

// inParts draws samples of codes, at most AtOnce at once.
func (t *tapping) inParts(ctx context.Context, codes *data.Batch, draw func(*data.Batch) ([]float32, error)) (*data.Batch, error) {
	target := data.Column{Field: t.spec.Target()}
	for from := 0; from < codes.N; from += AtOnce {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		pixels, err := draw(codes.Rows(from, min(from+AtOnce, codes.N)))
		if err != nil {
			return nil, err
		}
		target.Floats = append(target.Floats, pixels...)
	}
	clamp(target)
	out := &data.Batch{N: codes.N}
	if labels := codes.Column(data.Label); labels != nil {
		out.Set(*labels)
	}
	out.Set(target)
	return out, nil
}
