package arch

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// withConditions concatenates the latents z [batch, latent] with embeddings of the classes and the
// captions, each as wide, if there are any (Mirza and Osindero 2014, arXiv:1411.1784).
func withConditions(s *model.Scope, z *graph.Node, told Conditions, n numbers) *graph.Node {
	all, width := []*graph.Node{z}, z.Shape().Dim(1)
	if y := told.Class(); y != nil {
		all = append(all, nn.Embedding(s.In("class"), y, n.classes, width, 1, z))
	}
	if words := told.Words(); words != nil {
		all = append(all, ofWords(nn.Plain, s.In("words"), words, n.words, width, 1, z))
	}
	if len(all) == 1 {
		return z
	}
	return graph.Concatenate(all, 1) // [batch, 2·latent or 3·latent]
}

// judge maps features [batch, width] to logits [batch, 1]. It adds the products of the features and
// embeddings of the classes and of the captions, if there are any (Miyato and Koyama 2018,
// arXiv:1802.05637).
func (l layers) judge(s *model.Scope, features *graph.Node, told Conditions, n numbers) *graph.Node {
	width := features.Shape().Dimensions[1]
	std := nn.Glorot(width, 1)
	logits := l.Dense(s.In("out"), features, 1, std) // [batch, 1]
	match := func(e *graph.Node) {                   // [batch, width]
		logits = graph.Add(logits, graph.ReduceAndKeep(graph.Mul(e, features), graph.ReduceSum, 1))
	}
	if y := told.Class(); y != nil {
		match(l.Embedding(s.In("class"), y, n.classes, width, std, features))
	}
	if words := told.Words(); words != nil {
		match(ofWords(l.Weighing, s.In("words"), words, n.words, width, std, features))
	}
	return logits
}
