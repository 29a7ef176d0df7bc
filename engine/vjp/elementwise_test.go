package vjp

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"atelier/internal/gradcheck"
)

func TestElementwiseGradients(t *testing.T) {
	scalar := func(x float64) *tensors.Tensor { return tensors.FromValue(x) }
	for name, c := range map[string]struct {
		f      func(in []*graph.Node) *graph.Node
		inputs []*tensors.Tensor
	}{
		"rsqrt":           {func(in []*graph.Node) *graph.Node { return graph.Rsqrt(graph.AddScalar(graph.Square(in[0]), 0.1)) }, []*tensors.Tensor{gradcheck.Normal(1, 5, 4)}},
		"expm1":           {func(in []*graph.Node) *graph.Node { return graph.Expm1(in[0]) }, []*tensors.Tensor{gradcheck.Normal(1, 5, 4)}},
		"clamp, scalars":  {clip, []*tensors.Tensor{gradcheck.Normal(1, 5, 4), scalar(-0.5), scalar(0.7)}},
		"clamp, one each": {clip, []*tensors.Tensor{gradcheck.Normal(1, 5, 4), gradcheck.Normal(2, 5, 4), gradcheck.Normal(3, 5, 4)}},
	} {
		t.Run(name, func(t *testing.T) { checkGradients(t, c.f, c.inputs...) })
	}
}

func clip(in []*graph.Node) *graph.Node {
	return graph.Clip(in[0], graph.Sub(in[1], graph.Square(in[2])), graph.Add(in[1], graph.Square(in[2])))
}

// TestClampAtItsLimits: what lies on a limit still learns.
func TestClampAtItsLimits(t *testing.T) {
	slope := call(t, func(in []*graph.Node) *graph.Node {
		y := graph.Clip(in[0], graph.Const(in[0].Graph(), -1.0), graph.Const(in[0].Graph(), 1.0))
		return graph.Gradient(graph.ReduceAllSum(y), in[0])[0]
	}, tensors.FromValue([]float64{-2, -1, 0, 1, 2}))
	same(t, "slope", flat(slope), []float64{0, 1, 1, 1, 0})
}
