package loss

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Penalties.Add("r2", "gamma/2 · squared gradient of D at fakes, beside r1 (Huang et al. 2024, arXiv:2501.05441)",
		func() Penalty { return &R2{Gamma: 0.1} })
}

// R2 is the gradient penalty on fakes: gamma/2 · mean of |∇D(fake)|² (Mescheder, Geiger
// and Nowozin 2018, arXiv:1801.04406, equation 10). With [R1] and the loss
// [Relativistic] it is the objective of R3GAN (Huang et al. 2024, arXiv:2501.05441).
type R2 struct {
	Gamma float64 `help:"weight of the penalty, 0 or more"`
}

// Weight implements [Penalty].
func (p *R2) Weight() float64 { return p.Gamma / 2 }

// Penalty implements [Penalty].
func (p *R2) Penalty(d Critic, at Samples) *graph.Node {
	return graph.ReduceAllMean(squaredSlope(d, at.Fake))
}
