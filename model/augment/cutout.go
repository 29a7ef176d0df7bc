package augment

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

func init() {
	Augmentations.Add("cutout", "a random box set to 0 (DiffAugment: Zhao et al. 2020, arXiv:2006.10738)",
		func() Augmentation { return &Cutout{Size: 0.5} })
}

// Cutout sets a box, centred anywhere in the sample, to 0, the middle of the range of pixels
// (DiffAugment: Zhao et al. 2020, arXiv:2006.10738).
type Cutout struct {
	Size float64 `help:"side of the box, as a share of the sample's"`
}

// Numbers implements [Augmentation].
func (*Cutout) Numbers() int { return 2 }

// Apply implements [Augmentation].
func (a *Cutout) Apply(x, u, use *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	rows := a.outside(u, 0, 1, d[1])    // [batch, height, 1, 1]
	columns := a.outside(u, 1, 2, d[2]) // [batch, 1, width, 1]
	return pick(use, graph.Mul(x, graph.Max(rows, columns)), x)
}

// outside is 1 at positions along an axis outside of the box, 0 inside.
func (a *Cutout) outside(u *graph.Node, at, axis, side int) *graph.Node {
	dims := []int{1, 1, 1, 1}
	dims[axis] = side
	place := graph.ConvertDType(graph.Iota(u.Graph(), shapes.Make(dtypes.Int32, dims...), axis), u.DType())
	middle := graph.MulScalar(column(number(u, at)), float64(side)) // [batch, 1, 1, 1]
	away := graph.Abs(graph.Sub(graph.AddScalar(place, 0.5), middle))
	edge := graph.Scalar(u.Graph(), u.DType(), a.Size*float64(side)/2)
	return graph.ConvertDType(graph.GreaterThan(away, edge), u.DType())
}
