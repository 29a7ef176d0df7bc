package arch

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// withClass concatenates the latents z [batch, latent] with an embedding of the classes y:
// [batch, 2·latent], or z itself if y is nil (Mirza and
// Osindero 2014, arXiv:1411.1784).
func withClass(s *model.Scope, z, y *graph.Node, classes int) *graph.Node {
	if y == nil {
		return z
	}
	e := nn.Embedding(s.In("class"), y, classes, z.Shape().Dimensions[1], 1, z)
	return graph.Concatenate([]*graph.Node{z, e}, 1)
}

// judge maps features [batch, width] to logits [batch, 1]. With classes y it
// adds the product of the features and an embedding of the class (Miyato and
// Koyama 2018, arXiv:1802.05637).
func (l layers) judge(s *model.Scope, features, y *graph.Node, classes int) *graph.Node {
	width := features.Shape().Dimensions[1]
	std := nn.Glorot(width, 1)
	logits := l.Dense(s.In("out"), features, 1, std) // [batch, 1]
	if y == nil {
		return logits
	}
	e := l.Embedding(s.In("class"), y, classes, width, std, features) // [batch, width]
	match := graph.ReduceSum(graph.Mul(e, features), 1)               // [batch]
	return graph.Add(logits, graph.InsertAxes(match, -1))
}
