package loss

import "github.com/gomlx/gomlx/core/graph"

// Contrastive is the symmetric cross-entropy by which each of a batch of pictures is to be told from
// the others by its text, and each text by its picture (Radford et al. 2021, arXiv:2103.00020).
// Embeddings are unit vectors [batch, width], their products are multiplied by scale [], and same
// [batch, batch] is 1 where the text of the column is also one of the picture of the row, as where
// two pictures have the same text: those share the target equally (Khosla et al. 2020,
// arXiv:2004.11362). It also returns the scaled products [batch, batch].
func Contrastive(pictures, texts, scale, same *graph.Node) (loss, products *graph.Node) {
	products = graph.Mul(graph.DotGeneral(pictures, []int{1}, nil, texts, []int{1}, nil), scale) // [batch, batch]
	half := func(axis int) *graph.Node {
		shifted := graph.Sub(products, graph.StopGradient(graph.ReduceAndKeep(products, graph.ReduceMax, axis)))
		logs := graph.Sub(shifted, graph.Log(graph.ReduceAndKeep(graph.Exp(shifted), graph.ReduceSum, axis)))
		target := graph.Div(same, graph.ReduceAndKeep(same, graph.ReduceSum, axis)) // [batch, batch]
		return graph.ReduceAllMean(graph.ReduceSum(graph.Mul(target, logs), axis))
	}
	return graph.MulScalar(graph.Add(half(0), half(1)), -0.5), products
}

// SameText is 1 where two texts, tokens [batch, time], are equal: [batch, batch].
func SameText(tokens, like *graph.Node) *graph.Node {
	d := tokens.Shape().Dimensions
	pair := func(axis int) *graph.Node {
		return graph.BroadcastToDims(graph.InsertAxes(tokens, axis), d[0], d[0], d[1])
	}
	equal := graph.ConvertDType(graph.Equal(pair(0), pair(1)), like.DType()) // [batch, batch, time]
	return graph.ReduceMin(equal, 2)
}
