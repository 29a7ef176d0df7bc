package family

import (
	"context"
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/model/arch"
	"atelier/model/graphs"
	"atelier/model/train"
)

// AtOnce is the largest batch in which samples are drawn and judged. Smaller batches
// are padded to a [graphs.Batch], which leaves drawGraphs sizes.
const (
	AtOnce     = 48
	drawGraphs = 5
)

// A drawer draws samples with a generator; GANs and VAEs share it.
type drawer struct {
	spec        data.Spec
	g           arch.Generator
	latent      int    // width of the latents
	conditional bool   // samples are drawn by class
	text        bool   // samples are drawn by caption
	scope       string // scope of the weights used for sampling
}

func (m *drawer) latentField() data.Field {
	return data.Field{Name: latentColumn, Kind: data.Vector, Shape: []int{m.latent}}
}

// drawingScope is the scope of the weights used for sampling.
func (m *drawer) drawingScope(store *model.Store) *model.Scope { return store.Scope(m.scope) }

// Sampler implements [Generative].
func (m *drawer) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	s, err := m.Steering(backend, store)
	if err != nil {
		return nil, err
	}
	return s.Sampler(1), nil
}

// mostLatent is the largest latent width.
const mostLatent = 1 << 16

// A drawing is a drawer with the weights of a store.
type drawing struct {
	*drawer
	coding, sampling *graphs.Cache
	shape            []int // of a code: layers and width

	mu      sync.Mutex
	centres map[int][]float32 // by class, those that were asked for
}

// Steering implements [Steerable].
func (m *drawer) Steering(backend compute.Backend, store *model.Store) (*Steering, error) {
	d, err := m.ready(backend, store)
	if err != nil {
		return nil, err
	}
	return &Steering{Codes: d.codes, Samples: oneByOne(d.draw), Centre: d.centre, Layers: d.shape[0], Latent: m.direct()}, nil
}

// direct reports whether the codes are the latents themselves.
func (m *drawer) direct() bool {
	_, direct := m.g.(arch.Direct)
	return direct
}

// ready builds the sampling graphs for the weights in the store.
func (m *drawer) ready(backend compute.Backend, store *model.Store) (*drawing, error) {
	d := &drawing{drawer: m, centres: map[int][]float32{}}
	d.coding = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.g.Codes(m.drawingScope(store), in[0], m.given(in, 1))
	})
	d.sampling = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return m.g.Samples(m.drawingScope(store), in[0], m.given(in, 1))
	})
	return d, d.measure()
}

// conditions names the columns that samples are drawn by.
func (m *drawer) conditions() (names []string) {
	if m.conditional {
		names = append(names, data.Label)
	}
	if m.text {
		names = append(names, data.CaptionField)
	}
	return names
}

// given returns the conditions among a graph's inputs, from the one with that index on; nil for an
// unconditional model.
func (m *drawer) given(in []*graph.Node, at int) (told arch.Conditions) {
	for i, name := range m.conditions() {
		told = told.With(name, in[at+i])
	}
	return told
}

// told returns the conditions of a training batch, nil for an unconditional model.
func (m *drawer) told(in *train.Inputs) (told arch.Conditions) {
	if m.conditional {
		told = told.With(data.Label, in.Column(data.Label))
	}
	if m.text {
		told = told.With(data.CaptionField, in.Column(toldCaption))
	}
	return told
}

// measure records the shape of codes. Unless they are the latents, the graph that it runs
// is the one that the first few samples need.
func (d *drawing) measure() error {
	if d.direct() {
		d.shape = []int{1, d.latent}
		return nil
	}
	size := graphs.Batch(1)
	z := data.NewColumn(d.latentField(), size)
	args := []*tensors.Tensor{train.Tensor(&z, size)}
	if d.conditional {
		args = append(args, tensors.FromFlatDataAndDimensions(make([]int32, size), size))
	}
	if d.text {
		words := data.NewColumn(lineField(d.spec), size)
		args = append(args, train.Tensor(&words, size))
	}
	out, err := d.coding.Call(args...)
	if err != nil {
		return err
	}
	d.shape = out[0].Shape().Dimensions[1:] // of [batch, layers, width]
	return nil
}

// centreSeeds is the number of seeds whose codes are averaged.
const centreSeeds = 1024

// centre is [Steering.Centre]. The mean of latents is 0.
func (d *drawing) centre(ctx context.Context, class int) ([]float32, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.centres[class]; ok {
		return c, nil
	}
	c := make([]float32, d.shape[0]*d.shape[1])
	if d.text && !d.direct() {
		return nil, badinput.Errorf("the model draws what a text says and has no mean picture; draw without truncation")
	}
	if !d.direct() {
		seeds := make([]uint64, centreSeeds)
		for i := range seeds {
			seeds[i] = uint64(i)
		}
		var conditions *data.Batch
		if d.conditional {
			field, _ := d.spec.Field(data.Label)
			conditions = OfClass(field, class, centreSeeds)
		}
		codes, err := d.codes(ctx, seeds, conditions)
		if err != nil {
			return nil, err
		}
		for k := range c {
			sum := 0.
			for i := range codes.N {
				sum += float64(codes.Column(Code).Row(i)[k])
			}
			c[k] = float32(sum / centreSeeds)
		}
	}
	d.centres[class] = c
	return c, nil
}

// OfClass returns the conditions of n samples of the class of that index.
func OfClass(field data.Field, class, n int) *data.Batch {
	labels := data.NewColumn(field, n)
	for i := range labels.Ints {
		labels.Ints[i] = int32(class)
	}
	b := &data.Batch{N: n}
	b.Set(labels)
	return b
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
	if d.text {
		lines, err := firstLines(d.spec, conditions, len(seeds))
		if err != nil {
			return nil, err
		}
		out.Set(lines)
	}
	all := data.NewColumn(data.Field{Name: Code, Kind: data.Vector, Shape: d.shape}, 0)
	for from := 0; from < len(seeds); from += AtOnce {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+AtOnce, len(seeds))
		z := data.NewColumn(d.latentField(), to-from)
		for i, seed := range seeds[from:to] {
			noise.Normals(z.Row(i), seed, latentNoise)
		}
		codes := z.Floats
		if !d.direct() {
			part := out.Rows(from, to)
			part.Set(z)
			var err error
			if codes, err = call(d.coding, part, append([]string{latentColumn}, d.conditions()...)...); err != nil {
				return nil, err
			}
		}
		all.Floats = append(all.Floats, codes...)
	}
	out.Set(all)
	return out, nil
}

// draw draws at most AtOnce samples at once.
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
	if target.Floats, err = call(d.sampling, codes, append([]string{Code}, d.conditions()...)...); err != nil {
		return nil, err
	}
	clamp(target)
	out.Set(target)
	return out, nil
}

// classesOf returns the requested classes, or one drawn from each seed.
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

// clamp clips samples to the range of their field.
func clamp(c data.Column) {
	if c.Field.Kind != data.Pixels && c.Field.Kind != data.Frames {
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
