package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// tiny keeps division by the norm of a zero vector finite.
const tiny = 1e-12

// SpectralNorm divides a weight [in, out] by its largest singular value, so
// that the layer is 1-Lipschitz (Miyato et al. 2018,
// arXiv:1802.05957). Each call in training updates the left singular vector
// in the scope by one power iteration. The gradient treats that vector as
// a constant: then |weightᵀ·left| has the gradient left·rightᵀ of the
// singular value.
func SpectralNorm(s *model.Scope, weight *graph.Node) *graph.Node {
	g, in := weight.Graph(), weight.Shape().Dimensions[0]
	kept := Weight(s, "left", 1, weight.DType(), in).SetTrainable(false)
	left := unit(kept.NodeValue(g)) // [in]
	if s.IsTraining(g) {
		still := graph.StopGradient(weight)
		right := unit(graph.MatMul(left, still))                    // [out]
		left = graph.StopGradient(unit(graph.MatMul(still, right))) // [in]
		kept.SetNodeValue(left)
	}
	return graph.Div(weight, length(graph.MatMul(graph.StopGradient(left), weight)))
}

func unit(v *graph.Node) *graph.Node { return graph.Div(v, length(v)) }

func length(v *graph.Node) *graph.Node {
	return graph.Sqrt(graph.AddScalar(graph.ReduceAllSum(graph.Square(v)), tiny))
}
