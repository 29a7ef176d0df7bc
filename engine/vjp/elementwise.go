package vjp

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// rsqrt is the gradient of y = x^(-1/2): -y³/2.
func rsqrt(y *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
	return []*graph.Node{graph.Mul(v[0], graph.MulScalar(graph.Mul(y, graph.Square(y)), -0.5))}
}

// expm1 is the gradient of y = exp(x) - 1: y + 1.
func expm1(y *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
	return []*graph.Node{graph.Mul(v[0], graph.AddScalar(y, 1))}
}

// clamp is the gradient of min(max(x, low), high): it goes to x if x is within the limits,
// inclusive, and otherwise to the limit that x crosses.
func clamp(y *graph.Node, v []*graph.Node, _ shapes.Shape) []*graph.Node {
	low, x, high := y.Inputs()[0], y.Inputs()[1], y.Inputs()[2]
	zero := graph.ZerosLike(v[0])
	under, over := graph.LessThan(x, low), graph.GreaterThan(x, high)
	return []*graph.Node{
		sumTo(low, graph.Where(under, v[0], zero)),
		graph.Where(graph.LogicalOr(under, over), zero, v[0]),
		sumTo(high, graph.Where(over, v[0], zero)),
	}
}

// sumTo sums a gradient with respect to a limit that may be a scalar.
func sumTo(limit, v *graph.Node) *graph.Node {
	if limit.IsScalar() {
		return graph.ReduceAllSum(v)
	}
	return v
}
