package augment

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Augmentations.Add("flip", "left and right swapped in half of the samples (Karras et al. 2020, arXiv:2006.06676)",
		func() Augmentation { return &Flip{} })
}

// Flip swaps left and right in half of the samples that it is used on.
type Flip struct{}

// Numbers implements [Augmentation].
func (*Flip) Numbers() int { return 1 }

// Apply implements [Augmentation].
func (*Flip) Apply(x, u, use *graph.Node) *graph.Node {
	half := graph.LessThan(number(u, 0), graph.Scalar(u.Graph(), u.DType(), 0.5)) // [batch]
	return pick(graph.Mul(use, graph.ConvertDType(half, use.DType())), graph.Reverse(x, 2), x)
}
