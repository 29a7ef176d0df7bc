package loss

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Penalties.Add("dragan", "lambda · (slope of D around real samples, minus 1)² (Kodali et al. 2017, arXiv:1705.07215)",
		func() Penalty { return &DRAGAN{Lambda: 10, Spread: 0.5} })
}

// DRAGAN holds D's slope at 1 around the real samples: lambda · mean of (|∇D(x)|-1)²,
// where x is a real sample with noise (Kodali et al. 2017, arXiv:1705.07215, section 2.4).
type DRAGAN struct {
	Lambda float64 `help:"weight of the penalty, 0 or more"`
	Spread float64 `help:"standard deviation of the noise, as a share of that of the real samples"`
}

// Penalty implements [Penalty].
func (p *DRAGAN) Penalty(d Critic, at Samples) *graph.Node {
	centred := graph.Sub(at.Real, graph.ReduceAllMean(at.Real))
	deviation := graph.Sqrt(graph.ReduceAllMean(graph.Square(centred))) // []
	around := graph.Add(at.Real, graph.Mul(at.Noise, graph.MulScalar(deviation, p.Spread)))
	return graph.MulScalar(slopeMiss(d, around), p.Lambda)
}
