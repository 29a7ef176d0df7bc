package nn

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/engine/vjp"
)

// ConvPadded is the convolution of x [batch, height, width, in] with a kernel [size, size, in, out], with
// so many zeros before and after the image on both axes: [batch, height', width', out]. Networks
// of others pad on one side more than on the other.
func ConvPadded(x, kernel *graph.Node, stride, before, after int) *graph.Node {
	a := vjp.Axis{Stride: stride, Dilation: 1, Before: before, After: after}
	return vjp.Conv(x, kernel, vjp.Geometry{a, a})
}

// ConvTransposedPadded is the transposed convolution of x [batch, height, width, in] with a kernel
// [size, size, in, out], of which so many pixels are cut off before and after:
// [batch, height', width', out].
func ConvTransposedPadded(x, kernel *graph.Node, stride, before, after int) *graph.Node {
	a := vjp.Axis{Stride: stride, Dilation: 1, Before: before, After: after}
	return vjp.ConvTransposed(x, kernel, vjp.Geometry{a, a})
}

// ConvWindowed is the convolution of x [batch, height, width, in] with a kernel [height, width, in, out], with
// strides, dilations, and zeros before and after the image for each side: [batch, height', width', out].
func ConvWindowed(x, kernel *graph.Node, strides, dilations [2]int, pads [2][2]int) *graph.Node {
	var g vjp.Geometry
	for i := range 2 {
		g = append(g, vjp.Axis{Stride: strides[i], Dilation: dilations[i], Before: pads[i][0], After: pads[i][1]})
	}
	return vjp.Conv(x, kernel, g)
}
