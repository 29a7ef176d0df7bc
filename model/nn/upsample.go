package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// ConvTransposed maps x [batch, height, width, in] to
// [batch, 2·height, 2·width, channels]: the transposed convolution of kernel 4,
// stride 2 and padding 1 (Dumoulin and Visin 2016, arXiv:1603.07285). The
// weights are at first normal with standard deviation std, the bias zero; an
// output pixel sees 4·in numbers.
//
// A 2×2 window of the input, zeros around the image, decides alone over a 2×2 block of
// the output that lies across the window's centre. So the layer is one product
// with weights [2·2·in, 2·2·channels], rows by place in the window and columns
// by place in the block, without a multiplication by an inserted zero.
func ConvTransposed(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	d := x.Shape().Dimensions
	weight := Weight(s, "weight", std, x.DType(), 4*d[3], 4*channels).NodeValue(x)
	bias := Filled(s, "bias", 0, x.DType(), channels).NodeValue(x)
	return graph.Add(transposed(x, weight), perChannel(bias, x))
}

// UpsampleConv doubles height and width of x [batch, height, width, in] by
// repeating each pixel and convolves the result, kernel 3 and padding 1, to
// [batch, 2·height, 2·width, channels]; this draws no checkerboards (Odena,
// Dumoulin and Olah 2016, doi:10.23915/distill.00003). The weights [9·in, channels]
// are at first normal with standard deviation std, the bias zero.
//
// Taps that fall on copies of one pixel are added before the product, which is
// then that of [ConvTransposed] and has less than half the multiplications.
func UpsampleConv(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	in := x.Shape().Dimensions[3]
	weight := Weight(s, "weight", std, x.DType(), 9*in, channels).NodeValue(x)
	bias := Filled(s, "bias", 0, x.DType(), channels).NodeValue(x)
	return graph.Add(transposed(x, mergeTaps(weight)), perChannel(bias, x))
}

// mergeTaps turns the weights [3·3·in, out] of a convolution behind an
// upsampling into weights [2·2·in, 2·2·out] of [transposed].
func mergeTaps(weight *graph.Node) *graph.Node {
	d := weight.Shape().Dimensions
	in, out := d[0]/9, d[1]
	merge := make([]float64, 16*9) // [window row, column, block row, column, tap row, column]
	for n := range 4 * 9 {
		row, col, tapRow, tapCol := n/18, n/9%2, n/3%3, n%3
		// Tap t of the pixel in row b of the block falls on row (b+t)/2 of the window.
		merge[((row+tapRow)/2*8+(col+tapCol)/2*4+row*2+col)*9+tapRow*3+tapCol] = 1
	}
	w := graph.Reshape(graph.ConstAsDType(weight.Graph(), weight.DType(), merge), 16, 9)
	w = graph.MatMul(w, graph.Reshape(weight, 9, in*out))                   // [16, in·out]
	w = graph.TransposeAllAxes(graph.Reshape(w, 4, 4, in, out), 0, 2, 1, 3) // [window, in, block, out]
	return graph.Reshape(w, 4*in, 4*out)
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
