package augment

import "github.com/gomlx/gomlx/core/graph"

func init() {
	Augmentations.Add("colour", "brightness, saturation and contrast (DiffAugment: Zhao et al. 2020, arXiv:2006.10738)",
		func() Augmentation { return &Colour{Brightness: 1, Saturation: 1, Contrast: 0.5} })
}

// Colour changes the brightness, saturation and contrast of a sample (DiffAugment: Zhao et al.
// 2020, arXiv:2006.10738).
type Colour struct {
	Brightness float64 `help:"width of the range of brightness shifts; pixels are in [-1, 1]"`
	Saturation float64 `help:"largest deviation of the saturation factor from 1"`
	Contrast   float64 `help:"largest deviation of the contrast factor from 1"`
}

// Numbers implements [Augmentation].
func (*Colour) Numbers() int { return 3 }

// Apply implements [Augmentation].
func (a *Colour) Apply(x, u, use *graph.Node) *graph.Node {
	y := graph.Add(x, between(u, 0, a.Brightness/2))
	y = stretch(y, between(u, 1, a.Saturation), 3)
	y = stretch(y, between(u, 2, a.Contrast), 1, 2, 3)
	return pick(use, y, x)
}

// between maps the number of each sample with an index to [-most, most], as [batch, 1, 1, 1].
func between(u *graph.Node, at int, most float64) *graph.Node {
	return column(graph.MulScalar(graph.AddScalar(number(u, at), -0.5), 2*most))
}

// stretch scales the deviation of x from its mean over the axes by 1+change.
func stretch(x, change *graph.Node, axes ...int) *graph.Node {
	centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	return graph.Add(x, graph.Mul(centred, change))
}
