package loss

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/model/nn"
)

func init() {
	Adversarials.Add("hinge", "hinge loss: D is not pushed beyond ±1 (Lim and Ye 2017, arXiv:1705.02894)",
		func() Adversarial { return &Hinge{} })
}

// Hinge is the hinge loss: D gains nothing from logits above 1 on real or below -1 on fake
// samples (Lim and Ye 2017, arXiv:1705.02894).
type Hinge struct{}

// D is mean(max(0, 1-real)) + mean(max(0, 1+fake)).
func (*Hinge) D(real, fake *graph.Node) *graph.Node {
	return graph.Add(graph.ReduceAllMean(nn.Relu(graph.OneMinus(real))), graph.ReduceAllMean(nn.Relu(graph.OnePlus(fake))))
}

// G is -mean(fake).
func (*Hinge) G(_, fake *graph.Node) *graph.Node {
	return graph.Neg(graph.ReduceAllMean(fake))
}
