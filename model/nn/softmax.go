package nn

import "github.com/gomlx/gomlx/core/graph"

// Softmax is exp(x) over its sum along the last axis. It multiplies by the sum's
// reciprocal, of which there is one a row: the gradient then divides nothing.
func Softmax(x *graph.Node) *graph.Node {
	x = graph.Exp(graph.Sub(x, graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, -1))))
	return graph.Mul(x, graph.Reciprocal(graph.ReduceAndKeep(x, graph.ReduceSum, -1)))
}
