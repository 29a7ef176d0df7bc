package loss

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/model/nn"
)

func init() {
	Adversarials.Add("minimax", "the zero-sum cross-entropy game; G's gradient vanishes where D is confident (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() Adversarial { return &Minimax{} })
}

// Minimax is the zero-sum game of the first GAN (Goodfellow et al. 2014,
// arXiv:1406.2661, equation 1).
type Minimax struct{}

// D is mean(softplus(-real)) + mean(softplus(fake)).
func (*Minimax) D(real, fake *graph.Node) *graph.Node { return crossEntropy(real, fake) }

// G is -mean(softplus(fake)).
func (*Minimax) G(_, fake *graph.Node) *graph.Node {
	return graph.Neg(graph.ReduceAllMean(nn.Softplus(fake)))
}
