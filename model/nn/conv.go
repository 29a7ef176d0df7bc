package nn

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
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
	in := x.Shape().Dimensions[3]
	weight := Weight(s, "weight", std, x.DType(), k.Size*k.Size*in, channels).NodeValue(x)
	bias := Filled(s, "bias", 0, x.DType(), channels).NodeValue(x) // [channels]
	return convolve(x, weight, bias, k)
}

// convolve takes the patches under the kernel side by side, so that the
// convolution is one product. weight is [size·size·in, out], bias [out].
func convolve(x, weight, bias *graph.Node, k Kernel) *graph.Node {
	patches := Patches(x, k)
	d := patches.Shape().Dimensions
	y := affine(graph.Reshape(patches, d[0]*d[1]*d[2], d[3]), weight, bias)
	return graph.Reshape(y, d[0], d[1], d[2], weight.Shape().Dimensions[1]) // [batch, height', width', out]
}

// Patches lays out what lies under the kernel at each of its places:
// x [batch, height, width, in] becomes [batch, height', width', size·size·in],
// with the kernel's rows outermost and the channels innermost.
func Patches(x *graph.Node, k Kernel) *graph.Node {
	d := x.Shape().Dimensions
	high, wide := k.Out(d[1]), k.Out(d[2])
	x = pad(x, k.Padding)
	var columns []*graph.Node
	for i := range k.Size {
		for j := range k.Size {
			rows := graph.AxisRange(i, i+(high-1)*k.Stride+1).Stride(k.Stride)
			cols := graph.AxisRange(j, j+(wide-1)*k.Stride+1).Stride(k.Stride)
			columns = append(columns, graph.Slice(x, graph.AxisRange(), rows, cols, graph.AxisRange())) // [batch, height', width', in]
		}
	}
	return graph.Concatenate(columns, -1)
}

// pad adds n zeros on each side of the images x [batch, height, width, channels].
func pad(x *graph.Node, n int) *graph.Node {
	if n == 0 {
		return x
	}
	side := compute.PadAxis{Start: n, End: n}
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), compute.PadAxis{}, side, side, compute.PadAxis{})
}
