package loss

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Penalties.Add("r1", "gamma/2 · squared gradient of D at real samples (Mescheder, Geiger and Nowozin 2018, arXiv:1801.04406)",
		func() Penalty { return &R1{Gamma: 0.1} })
}

// R1 is the gradient penalty on real samples: gamma/2 · mean of |∇D(real)|²
// (Mescheder, Geiger and Nowozin 2018, arXiv:1801.04406, equation 9).
type R1 struct {
	Gamma float64 `help:"weight of the penalty, 0 or more"`
}

// Weight implements [Penalty].
func (p *R1) Weight() float64 { return p.Gamma / 2 }

// Penalty implements [Penalty].
func (p *R1) Penalty(d Critic, at Samples) *graph.Node {
	return graph.ReduceAllMean(squaredSlope(d, at.Real))
}

// squaredSlope is |∇d(x)|² at each sample, [batch]. A critic judges each sample
// alone, so the gradient of the sum holds the gradient of each.
func squaredSlope(d Critic, x *graph.Node) *graph.Node {
	x = graph.MulScalar(x, 1)                               // gradients may be stopped at x itself
	slope := graph.Gradient(graph.ReduceAllSum(d(x)), x)[0] // [batch, ...]
	n := x.Shape().Dimensions[0]
	return graph.ReduceSum(graph.Square(graph.Reshape(slope, n, -1)), 1)
}
