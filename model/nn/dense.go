// Package nn holds the layers of networks. Every layer
// consists of operations whose gradients are correct to second order, gomlx's
// or those of the package vjp, so that a gradient penalty can go through all of
// them. Images are [batch, height, width, channels]; a layer computes in the type
// of its input.
//
// A layer takes the scope of its variables. Calls with the same scope path in one graph
// share the variables.
package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Dense maps x [batch, in] to x·weight + bias [batch, width]. The initial
// weight is normal with standard deviation std, the initial bias zero.
func Dense(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	return Plain.Dense(s, x, width, std)
}

// Linear maps x [rows, in] to x·weight [rows, width]: a [Dense] without bias. The
// initial weight is normal with standard deviation std. [LowRank] adapts it.
func Linear(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	return LinearWith(x, LinearWeight(s, x, std, x.DType(), x.Shape().Dimensions[1], width))
}

// LinearWith maps x [rows, in] to x·weight [rows, width].
func LinearWith(x, weight *graph.Node) *graph.Node {
	return graph.DotGeneral(x, []int{1}, nil, weight, []int{0}, nil) // [rows, width]
}

// Embedding maps indices y (int32 [batch], each in [0, count)) to the rows of a
// table, [batch, width], initially normal with standard deviation std. It has the dtype of
// like.
func Embedding(s *model.Scope, y *graph.Node, count, width int, std float64, like *graph.Node) *graph.Node {
	return Plain.Embedding(s, y, count, width, std, like)
}
