package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/engine/vjp"
)

// doubling is the transposed convolution's kernel that doubles an image's sides.
var doubling = Kernel{Size: 4, Stride: 2, Padding: 1}

// ConvTransposed maps x [batch, height, width, in] to
// [batch, 2·height, 2·width, channels]: the transposed convolution of kernel 4,
// stride 2 and padding 1 (Dumoulin and Visin 2016, arXiv:1603.07285). The
// weights [4·4·in, channels] are at first normal with standard deviation std,
// the bias zero; an output pixel sees 4·in numbers.
func ConvTransposed(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	weight := Weight(s, "weight", std, x.DType(), 16*x.Shape().Dimensions[3], channels).NodeValue(x)
	return double(s, x, weight)
}

// UpsampleConv doubles height and width of x [batch, height, width, in] by
// repeating each pixel and convolves the result, kernel 3 and padding 1, to
// [batch, 2·height, 2·width, channels]; this draws no checkerboards (Odena,
// Dumoulin and Olah 2016, doi:10.23915/distill.00003). The weights [9·in, channels]
// are at first normal with standard deviation std, the bias zero.
//
// Taps that fall on copies of one pixel are added first; what is left is a
// transposed convolution of kernel 4, with 4/9 of the multiplications.
func UpsampleConv(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	weight := Weight(s, "weight", std, x.DType(), 9*x.Shape().Dimensions[3], channels).NodeValue(x)
	return double(s, x, mergeTaps(weight))
}

// double is the transposed convolution with weights [4·4·in, channels] and a bias.
func double(s *model.Scope, x, weight *graph.Node) *graph.Node {
	y := vjp.ConvTransposed(x, square(weight, doubling.Size), doubling.geometry()) // [batch, 2·height, 2·width, channels]
	bias := Filled(s, "bias", 0, x.DType(), weight.Shape().Dimensions[1]).NodeValue(x)
	return graph.Add(y, perChannel(bias, y))
}

// mergeTaps turns the weights [3·3·in, out] of a convolution behind an
// upsampling into weights [4·4·in, out] of the transposed convolution.
func mergeTaps(weight *graph.Node) *graph.Node {
	d := weight.Shape().Dimensions
	merge := make([]float64, 16*9) // [row, column of the merged kernel, row, column of the tap]
	for n := range 4 * 9 {
		copyRow, copyCol, tapRow, tapCol := n/18, n/9%2, n/3%3, n%3
		// Copy c of a pixel, of tap t, falls 2+c-t into what the pixel adds to the output.
		merge[((2+copyRow-tapRow)*4+2+copyCol-tapCol)*9+tapRow*3+tapCol] = 1
	}
	w := graph.Reshape(graph.ConstAsDType(weight.Graph(), weight.DType(), merge), 16, 9)
	w = graph.MatMul(w, graph.Reshape(weight, 9, d[0]/9*d[1])) // [16, in·out]
	return graph.Reshape(w, 16*d[0]/9, d[1])
}
