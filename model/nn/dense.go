package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Dense maps x [batch, in] to x·weight + bias [batch, width]. The weight is at
// first normal with standard deviation std, the bias zero.
func Dense(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	in := x.Shape().Dimensions[1]
	weight := Weight(s, "weight", std, x.DType(), in, width).NodeValue(x) // [in, width]
	bias := Filled(s, "bias", 0, x.DType(), width).NodeValue(x)           // [width]
	return affine(x, weight, bias)
}

// affine is x [batch, in] · weight [in, out] + bias [out].
func affine(x, weight, bias *graph.Node) *graph.Node {
	y := graph.DotGeneral(x, []int{1}, nil, weight, []int{0}, nil) // [batch, out]
	return graph.Add(y, graph.InsertAxes(bias, 0))
}
