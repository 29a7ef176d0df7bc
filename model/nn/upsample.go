package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Upsample doubles height and width of x [batch, height, width, channels] by
// repeating each pixel.
func Upsample(x *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	x = graph.Reshape(x, d[0], d[1], 1, d[2], 1, d[3])
	x = graph.BroadcastToDims(x, d[0], d[1], 2, d[2], 2, d[3])
	return graph.Reshape(x, d[0], 2*d[1], 2*d[2], d[3])
}

// ConvTransposed maps x [batch, height, width, in] to
// [batch, 2·height, 2·width, channels]: the transposed convolution of kernel 4,
// stride 2 and padding 1 (Dumoulin and Visin 2016, arXiv:1603.07285). The
// weights are at first normal with standard deviation std, the bias zero; an
// output pixel sees 4·in numbers.
//
// A 2×2 window of the input, zeros around it, decides alone over a 2×2 block of
// the output that lies across the window's centre. So the layer is one product
// with weights [2·2·in, 2·2·channels], rows by place in the window and columns
// by place in the block, without a multiplication by an inserted zero.
func ConvTransposed(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	d := x.Shape().Dimensions
	weight := Weight(s, "weight", std, x.DType(), 4*d[3], 4*channels).NodeValue(x)
	bias := Filled(s, "bias", 0, x.DType(), channels).NodeValue(x)
	return graph.Add(transposed(x, weight), perChannel(bias, x))
}

func transposed(x, weight *graph.Node) *graph.Node {
	windows := Patches(x, Kernel{Size: 2, Stride: 1, Padding: 1}) // [batch, height+1, width+1, 2·2·in]
	d, channels := windows.Shape().Dimensions, weight.Shape().Dimensions[1]/4
	y := graph.Reshape(windows, d[0]*d[1]*d[2], d[3])
	y = graph.DotGeneral(y, []int{1}, nil, weight, []int{0}, nil)
	y = graph.Reshape(y, d[0], d[1], d[2], 2, 2*channels)
	y = graph.TransposeAllAxes(y, 0, 1, 3, 2, 4)         // [batch, height+1, 2, width+1, 2·channels]
	y = graph.Reshape(y, d[0], 2*d[1], 2*d[2], channels) // [batch, 2·height+2, 2·width+2, channels]
	inner := func(n int) graph.SliceAxisSpec { return graph.AxisRange(1, 2*n-1) }
	return graph.Slice(y, graph.AxisRange(), inner(d[1]), inner(d[2]), graph.AxisRange())
}
