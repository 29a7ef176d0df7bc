package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/engine/vjp"
)

// A Kernel is the geometry of a square convolution: its size, its stride, and
// the zeros added on each side of the image.
type Kernel struct{ Size, Stride, Padding int }

// Out is the size of an image side after the convolution of a side of that size.
func (k Kernel) Out(side int) int { return (side+2*k.Padding-k.Size)/k.Stride + 1 }

// Conv maps x [batch, height, width, in] to [batch, height', width', channels],
// a cross-correlation with weights [size·size·in, channels] and a bias. The
// weights are at first normal with standard deviation std, the bias zero.
func Conv(s *model.Scope, x *graph.Node, channels int, k Kernel, std float64) *graph.Node {
	return Plain.Conv(s, x, channels, k, std)
}

// ConvWith is the convolution with weights [size·size·in, channels], without bias:
// [batch, height', width', channels].
func ConvWith(x, weight *graph.Node, k Kernel) *graph.Node {
	return vjp.Conv(x, square(weight, k.Size), k.geometry())
}

// square gives weights [size·size·in, out] the shape of a kernel [size, size, in, out].
func square(weight *graph.Node, size int) *graph.Node {
	d := weight.Shape().Dimensions
	return graph.Reshape(weight, size, size, d[0]/size/size, d[1])
}

func (k Kernel) geometry() vjp.Geometry {
	a := vjp.Axis{Stride: k.Stride, Dilation: 1, Before: k.Padding, After: k.Padding}
	return vjp.Geometry{a, a}
}
