package train

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Descend moves the trainable variables under the scopes down the slope of a loss
// and returns the squared norm of its gradient. What the graph reads of them
// afterwards is their new values, to which no gradient flows. rate is a scalar that
// multiplies the learning rate.
func (a Adam) Descend(s *model.Store, scopes []string, loss, rate *graph.Node) (square *graph.Node) {
	g := loss.Graph()
	vars := moving(s, g, scopes)
	nodes := make([]*graph.Node, len(vars))
	for i, v := range vars {
		nodes[i] = v.NodeValue(g)
	}
	grads := graph.Gradient(loss, nodes...)
	square = graph.ScalarZero(g, loss.DType())
	for _, grad := range grads {
		square = graph.Add(square, graph.ReduceAllSum(graph.Square(grad)))
	}
	a.update(s, vars, grads, rate)
	for _, v := range vars {
		v.SetNodeValue(graph.StopGradient(v.NodeValue(g)))
	}
	return square
}
