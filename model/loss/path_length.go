package loss

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

func init() {
	GeneratorPenalties.Add("path_length", "a step in the codes changes a sample by the same amount everywhere (Karras et al. 2019, arXiv:1912.04958)",
		func() GeneratorPenalty { return &PathLength{Weight: 2} })
}

// PathLength keeps it constant how far a sample moves when its code does:
// weight · mean of (|Jᵀy|-a)², where J is the derivative of the sample by the code, y a
// random direction scaled by one over the root of the pixels, and a the running mean of
// |Jᵀy| (Karras et al. 2019, arXiv:1912.04958, equation 4).
type PathLength struct {
	Weight float64 `help:"weight of the penalty, 0 or more"`
}

// pathMomentum is the share of the running mean of lengths that an update keeps.
const pathMomentum = 0.99

// Penalty implements [GeneratorPenalty].
func (p *PathLength) Penalty(s *model.Scope, codes *graph.Node, draw func(codes *graph.Node) *graph.Node, direction *graph.Node) *graph.Node {
	sample := draw(codes)
	channels := direction.Shape().Dimensions[direction.Rank()-1]
	pixels := direction.Shape().Size() / direction.Shape().Dimensions[0] / channels
	along := graph.MulScalar(graph.ReduceAllSum(graph.Mul(sample, direction)), 1/math.Sqrt(float64(pixels)))
	slope := graph.Gradient(along, codes)[0]                               // [batch, layers, width]
	square := graph.ReduceMean(graph.ReduceSum(graph.Square(slope), 2), 1) // [batch]
	length := graph.Sqrt(graph.AddScalar(square, flat))                    // [batch]
	known := nn.Filled(s, "length", 0, codes.DType()).SetTrainable(false)  // []
	nn.Follow(known, graph.ReduceAllMean(length), pathMomentum)
	miss := graph.Sub(length, graph.StopGradient(known.NodeValue(codes)))
	return graph.MulScalar(graph.ReduceAllMean(graph.Square(miss)), p.Weight)
}
