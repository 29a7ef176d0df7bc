package nn

import "github.com/gomlx/gomlx/core/graph"

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
