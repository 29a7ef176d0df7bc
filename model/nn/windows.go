package nn

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/engine/vjp"
)

// Windows are the pixels of x [batch, height, width, channels] around each pixel, zeros beyond the
// edges: [batch, height, width, (2·reach+1)²·channels], row by row of the window, with channels
// innermost. Neighbours are so many pixels apart.
func Windows(x *graph.Node, reach, apart int) *graph.Node {
	side, c := 2*reach+1, x.Shape().Dim(-1)
	n := side * side * c
	one := make([]float64, n*n) // [row, column, channel in; row, column, channel out]
	for i := range n {
		one[i*n+i] = 1
	}
	kernel := graph.Reshape(graph.ConstAsDType(x.Graph(), x.DType(), one), side, side, c, n)
	a := vjp.Axis{Stride: 1, Dilation: apart, Before: reach * apart, After: reach * apart}
	return vjp.Conv(x, kernel, vjp.Geometry{a, a})
}

// Cells turns x [batch, height, width, channels] into cells of side × side pixels:
// [batch, height/side, width/side, side²·channels] (space to depth).
func Cells(x *graph.Node, side int) *graph.Node {
	if side == 1 {
		return x
	}
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1]/side, side, d[2]/side, side, d[3])
	x = graph.TransposeAllAxes(x, 0, 1, 3, 2, 4, 5)
	return graph.Reshape(x, d[0], d[1]/side, d[2]/side, side*side*d[3])
}

// Uncells is the inverse of [Cells]: it turns x [batch, height, width, side²·channels] into
// [batch, side·height, side·width, channels] (depth to space).
func Uncells(x *graph.Node, side int) *graph.Node {
	if side == 1 {
		return x
	}
	d := x.Shape().Dimensions
	c := d[3] / (side * side)
	x = graph.Reshape(x, d[0], d[1], d[2], side, side, c)
	x = graph.TransposeAllAxes(x, 0, 1, 3, 2, 4, 5)
	return graph.Reshape(x, d[0], side*d[1], side*d[2], c)
}
