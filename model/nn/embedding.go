package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Embedding maps indices y (int32 [batch], each in [0, count)) to the rows of a
// table, [batch, width], at first normal with standard deviation std. It takes
// the dtype of like.
func Embedding(s *model.Scope, y *graph.Node, count, width int, std float64, like *graph.Node) *graph.Node {
	return Plain.Embedding(s, y, count, width, std, like)
}
