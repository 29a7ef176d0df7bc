package family

import (
	"context"

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

// Sampler implements [Generative].
func (m *flow) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	s, err := m.Steering(backend, store)
	if err != nil {
		return nil, err
	}
	return s.Sampler(1), nil
}

// A flowing is a flow with trained weights.
type flowing struct {
	*flow
	step *graphs.Cache
}

// Steering implements [Steerable]: the code of a sample is its initial noise.
func (m *flow) Steering(backend compute.Backend, store *model.Store) (*Steering, error) {
	scope := velocityScope
	if m.EMA > 0 {
		scope = emaVelocityScope
	}
	d := &flowing{flow: m}
	// A solver step from time in[1] [] to in[2] []; the conditions follow, in order.
	d.step = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		var told arch.Conditions
		for i, name := range m.conditions() {
			told = told.With(name, in[3+i])
		}
		return m.further(in[0], in[1], in[2], func(x, time *graph.Node) *graph.Node {
			return m.guided(store.Scope(scope), x, time, told)
		})
	})
	return &Steering{
		Codes: d.codes, Samples: oneByOne(d.draw), Centre: m.centre, Layers: 1, Latent: true,
	}, nil
}

// centre is [Steering.Centre]: 0, the mean of the noise.
func (m *flow) centre(context.Context, int) ([]float32, error) {
	return make([]float32, m.spec.Target().Size()), nil
}

// further returns x [batch, shape...] after a solver step from one time [] to another.
func (m *flow) further(x, from, to *graph.Node, velocity func(x, time *graph.Node) *graph.Node) *graph.Node {
	span := graph.Sub(to, from) // []
	v := velocity(x, from)
	next := graph.Add(x, graph.Mul(v, span))
	if m.Solver == solverEuler {
		return next
	}
	mean := graph.MulScalar(graph.Add(v, velocity(next, to)), 0.5)
	return graph.Add(x, graph.Mul(mean, span))
}

// conditions names the columns that the model is conditioned on.
func (m *flow) conditions() (names []string) {
	if m.Conditional {
		names = append(names, data.Label)
	}
	if m.Text {
		names = append(names, data.CaptionField)
	}
	return append(names, m.beside...)
}

// guided is the velocity of x [batch, shape...] at a time [], with classifier-free guidance.
func (m *flow) guided(s *model.Scope, x, time *graph.Node, told arch.Conditions) *graph.Node {
	times := func(x *graph.Node) *graph.Node { return graph.BroadcastToDims(time, x.Shape().Dim(0)) } // [batch]
	y, words := told.Class(), told.Words()
	if y == nil && words == nil || m.Guidance == 1 {
		return m.network(s, x, times(x), told)
	}
	twice := told.Twice()
	if y != nil {
		none := graph.FillScalar(x.Graph(), y.Shape(), float64(len(m.spec.ClassNames()))) // [batch]
		twice = twice.With(data.Label, graph.Concatenate([]*graph.Node{y, none}, 0))      // [2·batch]
	}
	if words != nil {
		twice = twice.With(data.CaptionField, graph.Concatenate([]*graph.Node{words, graph.ZerosLike(words)}, 0)) // [2·batch, words]
	}
	both := graph.Concatenate([]*graph.Node{x, x}, 0) // [2·batch, shape...]
	v := m.network(s, both, times(both), twice)
	n := x.Shape().Dim(0)
	of, without := graph.Slice(v, graph.AxisRange(0, n)), graph.Slice(v, graph.AxisRange(n))
	return graph.Add(without, graph.MulScalar(graph.Sub(of, without), m.Guidance))
}

// codes is [Steering.Codes].
func (d *flowing) codes(_ context.Context, seeds []uint64, conditions *data.Batch) (*data.Batch, error) {
	out := &data.Batch{N: len(seeds)}
	if d.Conditional {
		labels, err := classesOf(d.spec, seeds, conditions)
		if err != nil {
			return nil, err
		}
		out.Set(labels)
	}
	if d.Text {
		lines, err := firstLines(d.spec, conditions, len(seeds))
		if err != nil {
			return nil, err
		}
		out.Set(lines)
	}
	target, err := d.beside(conditions, out)
	if err != nil {
		return nil, err
	}
	codes := data.NewColumn(data.Field{Name: Code, Kind: data.Vector, Shape: []int{1, target.Size()}}, len(seeds))
	for i, seed := range seeds {
		noise.Normals(codes.Row(i), seed, latentNoise)
	}
	out.Set(codes)
	return out, nil
}

// beside adds the pictures among the conditions to the codes, and returns the field of
// the samples, which have the size of the pictures.
func (d *flowing) beside(conditions, codes *data.Batch) (data.Field, error) {
	target := d.spec.Target()
	for _, name := range d.flow.beside {
		c := conditions.Column(name)
		if c == nil {
			return target, badinput.Errorf("the model translates pictures: it needs a %s, but none is given", name)
		}
		own, _ := d.spec.Field(name)
		shape := c.Field.Shape
		switch resized := shape[0] != own.Shape[0] || shape[1] != own.Shape[1]; {
		case shape[2] != own.Shape[2]:
			return target, badinput.Errorf("the %s has %d channels; the model was trained on %d", name, shape[2], own.Shape[2])
		case resized && d.sides == 0:
			return target, badinput.Errorf("the %s has %d×%d pixels; the model makes only %d×%d", name, shape[1], shape[0], own.Shape[1], own.Shape[0])
		case resized && (shape[0]%d.sides != 0 || shape[1]%d.sides != 0):
			return target, badinput.Errorf("the %s has %d×%d pixels; sides must be multiples of %d", name, shape[1], shape[0], d.sides)
		}
		codes.Set(*c)
	}
	return d.sized(codes), nil
}

// sized is the field of samples of the size of the pictures in a batch.
func (d *flowing) sized(b *data.Batch) data.Field {
	target := d.spec.Target()
	for _, name := range d.flow.beside {
		shape := b.Column(name).Field.Shape
		target.Shape = []int{shape[0], shape[1], target.Shape[2]}
	}
	return target
}

// draw draws at most AtOnce samples at once.
func (d *flowing) draw(ctx context.Context, codes *data.Batch) (*data.Batch, error) {
	size := graphs.Batch(codes.N)
	out := &data.Batch{N: codes.N}
	var told []*tensors.Tensor
	for _, name := range d.conditions() {
		column := codes.Column(name)
		out.Set(*column)
		padded := data.NewColumn(column.Field, size)
		copy(padded.Ints, column.Ints)
		copy(padded.Floats, column.Floats)
		told = append(told, train.Tensor(&padded, size))
	}
	field := d.sized(codes)
	start := data.NewColumn(data.Field{Name: noiseColumn, Kind: data.Vector, Shape: field.Shape}, size)
	copy(start.Floats, codes.Column(Code).Floats)
	x := train.Tensor(&start, size)
	for i := range d.DrawSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from, to := float32(i)/float32(d.DrawSteps), float32(i+1)/float32(d.DrawSteps)
		got, err := d.step.Call(append([]*tensors.Tensor{x, tensors.FromScalar(from), tensors.FromScalar(to)}, told...)...)
		if err != nil {
			return nil, err
		}
		x = got[0]
	}
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		return nil, err
	}
	target := data.Column{Field: field, Floats: values[:codes.N*field.Size()]}
	clamp(target)
	out.Set(target)
	return out, nil
}
