package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// LayerNorm brings each example of x [batch, ..., channels] to mean 0 and
// variance 1 over all its numbers, and scales and shifts each channel (Ba,
// Kiros and Hinton 2016, arXiv:1607.06450).
func LayerNorm(s *model.Scope, x *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[x.Rank()-1]
	scale := Filled(s, "scale", 1, x.DType(), channels).NodeValue(x)
	offset := Filled(s, "offset", 0, x.DType(), channels).NodeValue(x)
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	x = graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	variance := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, axes...) // [batch, 1, ...]
	x = graph.Mul(x, graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, normEpsilon))))
	return graph.Add(graph.Mul(x, perChannel(scale, x)), perChannel(offset, x))
}
