// Package nn holds the layers that networks are made of. Every
// layer is made of operations whose gradients are right to second order, gomlx's
// or those of the package vjp, so that a gradient penalty can go through all of
// them. Images are [batch, height, width, channels]; a layer computes in the type
// of its input.
//
// A layer takes the scope that its variables live in. The same scope path may
// be used by several calls in one graph: they share the variables.
package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Dense maps x [batch, in] to x·weight + bias [batch, width]. The weight is at
// first normal with standard deviation std, the bias zero.
func Dense(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	return Plain.Dense(s, x, width, std)
}

// Linear maps x [rows, in] to x·weight [rows, width]: a [Dense] without bias. The
// weight is at first normal with standard deviation std.
func Linear(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	return LinearWith(x, Weight(s, "weight", std, x.DType(), x.Shape().Dimensions[1], width).NodeValue(x))
}

// LinearWith maps x [rows, in] to x·weight [rows, width].
func LinearWith(x, weight *graph.Node) *graph.Node {
	return graph.DotGeneral(x, []int{1}, nil, weight, []int{0}, nil) // [rows, width]
}

// Embedding maps indices y (int32 [batch], each in [0, count)) to the rows of a
// table, [batch, width], at first normal with standard deviation std. It takes
// the dtype of like.
func Embedding(s *model.Scope, y *graph.Node, count, width int, std float64, like *graph.Node) *graph.Node {
	return Plain.Embedding(s, y, count, width, std, like)
}
