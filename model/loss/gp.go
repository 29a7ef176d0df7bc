package loss

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Penalties.Add("gp", "lambda · (norm of D's gradient between real and fake, minus 1)² (Gulrajani et al. 2017, arXiv:1704.00028)",
		func() Penalty { return &GradientPenalty{Lambda: 10} })
}

// GradientPenalty pulls D's gradient norm towards 1 on lines between real and fake samples:
// lambda · mean of (|∇D(x)|-1)² (Gulrajani et al. 2017, arXiv:1704.00028,
// equation 3).
type GradientPenalty struct {
	Lambda float64 `help:"weight of the penalty, 0 or more"`
}

// flat is added under the square root, which has no gradient at 0.
const flat = 1e-12

// Weight implements [Penalty].
func (p *GradientPenalty) Weight() float64 { return p.Lambda }

// Penalty implements [Penalty].
func (p *GradientPenalty) Penalty(d Critic, at Samples) *graph.Node {
	share := perSample(at.Mix, at.Real)                                          // [batch, 1, ...]
	between := graph.Add(at.Fake, graph.Mul(share, graph.Sub(at.Real, at.Fake))) // [batch, ...]
	slope := graph.Sqrt(graph.AddScalar(squaredSlope(d, between), flat))         // [batch]
	return graph.ReduceAllMean(graph.Square(graph.AddScalar(slope, -1)))
}

// perSample expands v [batch] to the rank of x [batch, ...].
func perSample(v, x *graph.Node) *graph.Node {
	ones := make([]int, x.Rank())
	for i := range ones {
		ones[i] = 1
	}
	ones[0] = x.Shape().Dimensions[0]
	return graph.Reshape(v, ones...)
}
