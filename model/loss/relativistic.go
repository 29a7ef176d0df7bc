package loss

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/model/nn"
)

func init() {
	Adversarials.Add("relativistic", "D says which of a pair is real (Jolicoeur-Martineau 2018, arXiv:1807.00734)",
		func() Adversarial { return &Relativistic{} })
}

// Relativistic is the relativistic pairing loss: D predicts which of a real and a fake
// sample is real: RpGAN (Jolicoeur-Martineau 2018, arXiv:1807.00734),
// which Huang et al. 2024 (arXiv:2501.05441) find free of the local minima of mode
// collapse.
type Relativistic struct{}

// D is mean(softplus(fake-real)).
func (*Relativistic) D(real, fake *graph.Node) *graph.Node {
	return graph.ReduceAllMean(nn.Softplus(graph.Sub(fake, real)))
}

// G is mean(softplus(real-fake)).
func (*Relativistic) G(real, fake *graph.Node) *graph.Node {
	return graph.ReduceAllMean(nn.Softplus(graph.Sub(real, fake)))
}
