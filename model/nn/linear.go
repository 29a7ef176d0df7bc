package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Linear maps x [rows, in] to x·weight [rows, width]: a [Dense] without bias. The
// weight is at first normal with standard deviation std.
func Linear(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	return LinearWith(x, Weight(s, "weight", std, x.DType(), x.Shape().Dimensions[1], width).NodeValue(x))
}

// LinearWith maps x [rows, in] to x·weight [rows, width].
func LinearWith(x, weight *graph.Node) *graph.Node {
	return graph.DotGeneral(x, []int{1}, nil, weight, []int{0}, nil) // [rows, width]
}
