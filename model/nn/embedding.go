package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Embedding maps indices y (int32 [batch], each in [0, count)) to the rows of a
// table, [batch, width], at first normal with standard deviation std. It takes
// the dtype of like. The rows are picked by a product with one-hot vectors,
// whose gradient is another product.
func Embedding(s *model.Scope, y *graph.Node, count, width int, std float64, like *graph.Node) *graph.Node {
	return pick(y, Weight(s, "table", std, like.DType(), count, width).NodeValue(y))
}

// pick is the rows y [batch] of a table [count, width].
func pick(y, table *graph.Node) *graph.Node {
	picks := graph.OneHot(y, table.Shape().Dimensions[0], table.DType()) // [batch, count]
	return graph.DotGeneral(picks, []int{1}, nil, table, []int{0}, nil)  // [batch, width]
}
