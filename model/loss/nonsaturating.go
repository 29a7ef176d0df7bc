package loss

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/internal/registry"
	"atelier/model/nn"
)

func init() {
	Adversarials.Add("nonsaturating", "cross-entropy; G's target is real (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() Adversarial { return &Nonsaturating{Real: 1} })
}

// Nonsaturating is the game of the first GAN as it is played: D minimises the
// cross-entropy of real and fake, G that of its fakes against the answer
// "real" (Goodfellow et al. 2014, arXiv:1406.2661, section 3).
type Nonsaturating struct {
	Real float64 `help:"the answer that D learns to give on real samples: less than 1, such as 0.9, keeps D from being too sure (Salimans et al. 2016, arXiv:1606.03498)"`
}

// Check reports a setting that is out of range.
func (l *Nonsaturating) Check() error {
	if !(l.Real > 0.5 && l.Real <= 1) {
		return registry.Unfit("real", fmt.Sprintf("want more than 0.5, at most 1, got %g", l.Real))
	}
	return nil
}

// D is the cross-entropy: mean(softplus(-real)) + mean(softplus(fake)) where the answer
// on real samples is 1.
func (l *Nonsaturating) D(real, fake *graph.Node) *graph.Node {
	loss := crossEntropy(real, fake)
	if l.Real < 1 {
		loss = graph.Add(loss, graph.MulScalar(graph.ReduceAllMean(real), 1-l.Real))
	}
	return loss
}

// G is mean(softplus(-fake)).
func (*Nonsaturating) G(_, fake *graph.Node) *graph.Node {
	return graph.ReduceAllMean(nn.Softplus(graph.Neg(fake)))
}

// crossEntropy is that of logits against the answers real and fake.
func crossEntropy(real, fake *graph.Node) *graph.Node {
	return graph.Add(graph.ReduceAllMean(nn.Softplus(graph.Neg(real))), graph.ReduceAllMean(nn.Softplus(fake)))
}
