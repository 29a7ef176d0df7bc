package loss

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Adversarials.Add("lsgan", "least squares: real is 1, fake is 0 (Mao et al. 2016, arXiv:1611.04076)",
		func() Adversarial { return &LeastSquares{} })
}

// LeastSquares pulls logits to 1 for real and 0 for fake (Mao et al. 2016,
// arXiv:1611.04076, equation 9).
type LeastSquares struct{}

// D is mean((real-1)²)/2 + mean(fake²)/2.
func (*LeastSquares) D(real, fake *graph.Node) *graph.Node {
	return graph.Add(halfSquare(graph.AddScalar(real, -1)), halfSquare(fake))
}

// G is mean((fake-1)²)/2.
func (*LeastSquares) G(_, fake *graph.Node) *graph.Node {
	return halfSquare(graph.AddScalar(fake, -1))
}

func halfSquare(x *graph.Node) *graph.Node {
	return graph.MulScalar(graph.ReduceAllMean(graph.Square(x)), 0.5)
}
