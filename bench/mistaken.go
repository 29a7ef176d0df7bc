package bench

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/arch"
	"atelier/model/family"
	"atelier/model/loss"
	"atelier/model/nn"
	"atelier/model/run"
	"atelier/model/train"
)

// mistakes are common mistakes. None is a plug-in: they wrap the correct parts.
var mistakes = []struct {
	name     string
	harmless bool // a dense generator merely wastes the discarded outputs
	make     func(*run.Config) error
}{
	{"truncated-1024", true, inGAN(func(g *family.GAN) error { return tooWide(g, firstValues) })},
	{"reshaped-1024", false, inGAN(func(g *family.GAN) error { return tooWide(g, croppedThenReshaped) })},
	{"fake-target", false, inGAN(func(g *family.GAN) error { return asksForFakes(g) })},
	{"d-moves-too", false, func(c *run.Config) error {
		return inGAN(func(g *family.GAN) error { c.Model.Value = &movesBoth{*g}; return nil })(c)
	}},
}

// inGAN changes the GAN of a configuration.
func inGAN(change func(*family.GAN) error) func(*run.Config) error {
	return func(c *run.Config) error {
		g, ok := c.Model.Value.(*family.GAN)
		if !ok {
			return fmt.Errorf("the recipe's model is a %T, want a gan", c.Model.Value)
		}
		return change(g)
	}
}

// wideSide is the side of a picture with 1024 values.
const wideSide = 32

// wide is a generator with 1024 outputs for pictures of 784 values.
type wide struct {
	arch.MLPGenerator
	cut func(s *model.Scope, x *graph.Node, f data.Field) *graph.Node
}

func tooWide(g *family.GAN, cut func(*model.Scope, *graph.Node, data.Field) *graph.Node) error {
	inner, ok := g.Generator.Value.(*arch.MLPGenerator)
	if !ok {
		return fmt.Errorf("the recipe's generator is a %T, want an mlp", g.Generator.Value)
	}
	g.Generator.Value = &wide{*inner, cut}
	return nil
}

// Generator implements [arch.GeneratorArch].
func (w *wide) Generator(spec data.Spec) (arch.Generator, error) {
	target := spec.Target()
	inner := data.Spec{Fields: slices.Clone(spec.Fields)}
	for i := range inner.Fields {
		if inner.Fields[i].Name == target.Name {
			inner.Fields[i].Shape = []int{wideSide, wideSide, 1}
		}
	}
	g, err := w.MLPGenerator.Generator(inner)
	if err != nil {
		return nil, err
	}
	return arch.Direct{Draw: func(s *model.Scope, z *graph.Node, told arch.Conditions, _ arch.Tap) *graph.Node {
		wide := g.Samples(s, g.Codes(s, z, told), told) // [batch, wideSide, wideSide, 1]
		return w.cut(s, wide, target)                   // [batch, height, width, 1]
	}}, nil
}

// firstValues keeps the first 784 of the 1024 values, in training as in sampling.
func firstValues(_ *model.Scope, x *graph.Node, f data.Field) *graph.Node {
	n := x.Shape().Dim(0)
	flat := graph.Reshape(x, n, wideSide*wideSide)                                                                            // [batch, 1024]
	return graph.Reshape(graph.Slice(flat, graph.AxisRange(), graph.AxisRange(0, f.Size())), append([]int{n}, f.Shape...)...) // [batch, height, width, 1]
}

// croppedThenReshaped trains on the centre of a 32×32 picture with a black border, which is
// correct, but samples its first 784 values as rows of 28, which is wrong: each row is shifted by 4
// more pixels.
func croppedThenReshaped(s *model.Scope, x *graph.Node, f data.Field) *graph.Node {
	border := (wideSide - f.Shape[0]) / 2
	inside := graph.AxisRange(border, wideSide-border)
	middle := graph.Slice(x, graph.AxisRange(), inside, inside) // [batch, height, width, 1]
	if s.Store().IsTraining(x.Graph()) {
		return middle
	}
	low := graph.Scalar(x.Graph(), x.DType(), float64(f.Low))
	side := graph.PadAxis{Start: border, End: border}
	return firstValues(s, graph.Pad(middle, low, graph.PadAxis{}, side, side), f)
}

func asksForFakes(g *family.GAN) error {
	inner, ok := g.Loss.Value.(*loss.Nonsaturating)
	if !ok {
		return fmt.Errorf("the recipe's loss is a %T, want a nonsaturating one", g.Loss.Value)
	}
	g.Loss.Value = &fakeTarget{*inner}
	return nil
}

// fakeTarget is a loss in which G's step has the label 0: G learns to be classified as fake.
type fakeTarget struct{ loss.Nonsaturating }

// G is mean(softplus(fake)), the cross-entropy against the target "fake".
func (*fakeTarget) G(_, fake *graph.Node) *graph.Node {
	return graph.ReduceAllMean(nn.Softplus(fake))
}

// movesBoth is a GAN whose G step also updates D, towards G's objective.
type movesBoth struct{ family.GAN }

// Model implements [family.Family].
func (f *movesBoth) Model(spec data.Spec) (family.Model, error) {
	m, err := f.GAN.Model(spec)
	if err != nil {
		return nil, err
	}
	p, ok := m.(player)
	if !ok {
		return nil, fmt.Errorf("a %T does not play against a discriminator", m)
	}
	return unfrozen{p}, nil
}

// A player is a model with generator and discriminator.
type player interface {
	family.Model
	family.Generative
	family.Judging
}

type unfrozen struct{ player }

// Stages implements [family.Model].
func (m unfrozen) Stages() []train.Stage {
	stages := m.player.Stages()
	phases := stages[0].Phases
	g := &phases[len(phases)-1]
	g.Moves = slices.Concat(g.Moves, phases[0].Moves)
	return stages
}
