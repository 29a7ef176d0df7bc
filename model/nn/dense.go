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
