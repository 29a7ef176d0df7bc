package loss

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/model/nn"
)

func init() {
	Adversarials.Add("nonsaturating", "cross-entropy; G's target is real (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() Adversarial { return &Nonsaturating{} })
}

// Nonsaturating is the non-saturating loss of the first GAN: D minimises the cross-entropy
// of real and fake, G that of its fakes against the target "real" (Goodfellow et al. 2014,
// arXiv:1406.2661, section 3).
type Nonsaturating struct{}

// D is mean(softplus(-real)) + mean(softplus(fake)).
func (*Nonsaturating) D(real, fake *graph.Node) *graph.Node { return crossEntropy(real, fake) }

// G is mean(softplus(-fake)).
func (*Nonsaturating) G(_, fake *graph.Node) *graph.Node {
	return graph.ReduceAllMean(nn.Softplus(graph.Neg(fake)))
}

// crossEntropy is the cross-entropy of logits against the targets real and fake.
func crossEntropy(real, fake *graph.Node) *graph.Node {
	return graph.Add(graph.ReduceAllMean(nn.Softplus(graph.Neg(real))), graph.ReduceAllMean(nn.Softplus(fake)))
}
