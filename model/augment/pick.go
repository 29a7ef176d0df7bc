package augment

import "github.com/gomlx/gomlx/core/graph"

// pick is the changed samples where use [batch] is 1, the others as they are.
func pick(use, changed, x *graph.Node) *graph.Node {
	used := graph.GreaterThan(column(use), graph.ScalarZero(use.Graph(), use.DType())) // [batch, 1, 1, 1]
	return graph.Where(graph.BroadcastToDims(used, x.Shape().Dimensions...), changed, x)
}

// number is the random number of each sample with that index, [batch].
func number(u *graph.Node, at int) *graph.Node {
	return graph.Squeeze(graph.Slice(u, graph.AxisRange(), graph.AxisElem(at)), 1)
}

// column gives v [batch] the rank of pictures: [batch, 1, 1, 1].
func column(v *graph.Node) *graph.Node { return graph.Reshape(v, -1, 1, 1, 1) }
