package arch

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// Prefixed is a [LanguageModel] that can read features of something else, such as the parts of a
// picture, before a text (Vinyals et al. 2014, arXiv:1411.4555; Yu et al. 2022, arXiv:2205.01917).
type Prefixed interface {
	// After maps parts [batch, parts, features] and tokens [batch, time] to logits
	// [batch, time, vocabulary] of the next token of each.
	After(s *model.Scope, parts, tokens *graph.Node) *graph.Node
}

// After implements [Prefixed]: every token sees all parts, which a linear map brings to the width
// of the embeddings, and which have positions of their own.
func (m *gpt) After(s *model.Scope, parts, tokens *graph.Node) *graph.Node {
	batch, time := tokens.Shape().Dimensions[0], tokens.Shape().Dimensions[1]
	before, features := parts.Shape().Dimensions[1], parts.Shape().Dimensions[2]
	own := s.In("prefix")
	y := nn.Linear(own, graph.Reshape(parts, batch*before, features), m.Width, nn.Fan(features))       // [batch·parts, width]
	place := nn.Weight(own.In("position"), "table", gptStd, m.dtype, before, m.Width).NodeValue(parts) // [parts, width]
	y = graph.Add(graph.Reshape(y, batch, before, m.Width), graph.InsertAxes(place, 0))
	x, table := m.embed(s, tokens)
	x = graph.Concatenate([]*graph.Node{y, graph.Reshape(x, batch, time, m.Width)}, 1) // [batch, parts+time, width]
	all := before + time
	x = graph.Reshape(x, batch*all, m.Width)
	mask := causal(x, all)
	for i := range m.Layers {
		x = m.layer(s.In("layer_%d", i), x, mask, batch, nil)
	}
	x = graph.Slice(graph.Reshape(x, batch, all, m.Width), graph.AxisRange(), graph.AxisRange(before)) // [batch, time, width]
	return graph.Reshape(m.output(s, graph.Reshape(x, batch*time, m.Width), table), batch, time, m.vocabulary)
}
