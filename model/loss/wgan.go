package loss

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Adversarials.Add("wgan", "difference of means; D must be kept Lipschitz by a penalty or spectral norm (Arjovsky, Chintala and Bottou 2017, arXiv:1701.07875)",
		func() Adversarial { return &Wasserstein{} })
}

// Wasserstein is the dual form of the Wasserstein-1 distance (Arjovsky, Chintala and Bottou
// 2017, arXiv:1701.07875). D must be Lipschitz: add the penalty gp, or give D spectral norm.
type Wasserstein struct{}

// D is mean(fake) - mean(real).
func (*Wasserstein) D(real, fake *graph.Node) *graph.Node {
	return graph.Sub(graph.ReduceAllMean(fake), graph.ReduceAllMean(real))
}

// G is -mean(fake).
func (*Wasserstein) G(_, fake *graph.Node) *graph.Node {
	return graph.Neg(graph.ReduceAllMean(fake))
}
