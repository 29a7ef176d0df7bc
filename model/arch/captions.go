package arch

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

// Words returns the tokens of captions, int32 [batch, words], nil if there are none.
func (c Conditions) Words() *graph.Node { return c[data.CaptionField] }

// numbers are how many classes and words a spec has.
type numbers struct{ classes, words int }

func numbersOf(spec data.Spec) numbers {
	caption, _ := spec.Field(data.CaptionField)
	return numbers{len(spec.ClassNames()), caption.Vocabulary}
}

// ofWords is the embedding of captions, tokens int32 [batch, words] of a vocabulary of count: the
// sum of the embeddings of the known words over the root of their number, [batch, width], which is 0
// without words. The order of words does not count.
func ofWords(weigh nn.Weighing, s *model.Scope, tokens *graph.Node, count, width int, std float64, like *graph.Node) *graph.Node {
	batch, length := tokens.Shape().Dim(0), tokens.Shape().Dim(1)
	table := weigh(s, tokens, "table", std, like.DType(), count, width)
	rows := rowsOf(table, graph.Reshape(tokens, batch*length))                                                            // [batch·words, width]
	rows = graph.Reshape(rows, batch, length, width)                                                                      // [batch, words, width]
	known := graph.ConvertDType(graph.GreaterThan(tokens, graph.Scalar(tokens.Graph(), tokens.DType(), 1)), like.DType()) // [batch, words]
	sum := graph.ReduceSum(graph.Mul(rows, graph.InsertAxes(known, -1)), 1)                                               // [batch, width]
	n := graph.AddScalar(graph.ReduceAndKeep(known, graph.ReduceSum, 1), 1e-6)                                            // [batch, 1]
	return graph.Mul(sum, graph.Reciprocal(graph.Sqrt(n)))
}
