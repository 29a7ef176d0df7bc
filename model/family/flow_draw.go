package family

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/noise"
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

// A flowing is a flow with the weights of a store.
type flowing struct {
	*flow
	step *graphs.Cache
}

// Steering implements [Steerable]: the code of a sample is the noise that it flows from.
func (m *flow) Steering(backend compute.Backend, store *model.Store) (*Steering, error) {
	scope := velocityScope
	if m.Average > 0 {
		scope = averageVelocityScope
	}
	d := &flowing{flow: m}
	// A step from time in[1] [] to in[2] []; in[3] are the classes [batch].
	d.step = graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		var y *graph.Node
		if m.Conditional {
			y = in[3]
		}
		return m.further(in[0], in[1], in[2], func(x, time *graph.Node) *graph.Node {
			return m.guided(store.Scope(scope), x, time, y)
		})
	})
	return &Steering{
		Codes: d.codes, Samples: oneByOne(d.draw), Centre: m.centre, Layers: 1, Latent: true,
	}, nil
}

// centre is [Steering.Centre]: the mean of noise.
func (m *flow) centre(context.Context, int) ([]float32, error) {
	return make([]float32, m.spec.Target().Size()), nil
}

// further is x [batch, shape...] after a step from one time [] to another by a velocity.
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

// guided is the velocity of x [batch, shape...] at a time [] of the classes y [batch],
// nil if the model is unconditional.
func (m *flow) guided(s *model.Scope, x, time, y *graph.Node) *graph.Node {
	times := func(x *graph.Node) *graph.Node { return graph.BroadcastToDims(time, x.Shape().Dim(0)) } // [batch]
	if y == nil || m.Guidance == 1 {
		return m.network(s, x, times(x), y)
	}
	none := graph.FillScalar(x.Graph(), y.Shape(), float64(len(m.spec.ClassNames()))) // [batch]
	both := graph.Concatenate([]*graph.Node{x, x}, 0)                                 // [2·batch, shape...]
	v := m.network(s, both, times(both), graph.Concatenate([]*graph.Node{y, none}, 0))
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
	codes := data.NewColumn(data.Field{Name: Code, Kind: data.Vector, Shape: []int{1, d.spec.Target().Size()}}, len(seeds))
	for i, seed := range seeds {
		noise.Normals(codes.Row(i), seed, latentNoise)
	}
	out.Set(codes)
	return out, nil
}

// draw draws at most drawSize samples at once.
func (d *flowing) draw(ctx context.Context, codes *data.Batch) (*data.Batch, error) {
	size := graphs.Batch(codes.N)
	out := &data.Batch{N: codes.N}
	var classes []*tensors.Tensor
	if labels := codes.Column(data.Label); labels != nil {
		out.Set(*labels)
		padded := data.NewColumn(labels.Field, size)
		copy(padded.Ints, labels.Ints)
		classes = append(classes, train.Tensor(&padded, size))
	}
	start := data.NewColumn(d.noiseField(), size)
	copy(start.Floats, codes.Column(Code).Floats)
	x := train.Tensor(&start, size)
	for i := range d.DrawSteps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		from, to := float32(i)/float32(d.DrawSteps), float32(i+1)/float32(d.DrawSteps)
		got, err := d.step.Call(append([]*tensors.Tensor{x, tensors.FromScalar(from), tensors.FromScalar(to)}, classes...)...)
		if err != nil {
			return nil, err
		}
		x = got[0]
	}
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		return nil, err
	}
	target := data.Column{Field: d.spec.Target(), Floats: values[:codes.N*d.spec.Target().Size()]}
	clamp(target)
	out.Set(target)
	return out, nil
}
