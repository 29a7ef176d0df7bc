package augment

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

func init() {
	Augmentations.Add("translation", "shifts by whole pixels (DiffAugment: Zhao et al. 2020, arXiv:2006.10738)",
		func() Augmentation { return &Translation{Most: 0.125} })
}

// Translation shifts a sample by whole pixels, up to a share of its sides, and fills with 0, the
// middle of the range of pixels (DiffAugment: Zhao et al. 2020, arXiv:2006.10738).
type Translation struct {
	Most float64 `help:"largest shift, as a share of the side"`
}

// Numbers implements [Augmentation].
func (*Translation) Numbers() int { return 2 }

// Apply implements [Augmentation]. A shift is a product with a matrix of zeros and ones.
func (a *Translation) Apply(x, u, use *graph.Node) *graph.Node {
	d := x.Shape().Dimensions // batch, height, width, channels
	rows := shifts(wholly(u, 0, a.Most, d[1]), d[1])
	y := graph.Einsum("bij,bjk->bik", rows, graph.Reshape(x, d[0], d[1], d[2]*d[3])) // [batch, height, width·channels]
	columns := shifts(wholly(u, 1, a.Most, d[2]), d[2])
	y = graph.Einsum("bij,bhjc->bhic", columns, graph.Reshape(y, d...)) // [batch, height, width, channels]
	return pick(use, y, x)
}

// wholly is a whole number of pixels for each sample, [batch], uniform in -most·side to most·side.
func wholly(u *graph.Node, at int, most float64, side int) *graph.Node {
	reach := float64(int(most*float64(side) + 0.5))
	return graph.AddScalar(graph.Floor(graph.MulScalar(number(u, at), 2*reach+1)), -reach)
}

// shifts are matrices [batch, side, side] that shift a vector.
func shifts(by *graph.Node, side int) *graph.Node {
	g := by.Graph()
	place := graph.ConvertDType(graph.Iota(g, shapes.Make(dtypes.Int32, 1, side, side), 1), by.DType())
	from := graph.ConvertDType(graph.Iota(g, shapes.Make(dtypes.Int32, 1, side, side), 2), by.DType())
	moved := graph.Add(from, graph.Reshape(by, -1, 1, 1)) // [batch, side, side]
	return graph.ConvertDType(graph.Equal(moved, graph.BroadcastToDims(place, moved.Shape().Dimensions...)), by.DType())
}
