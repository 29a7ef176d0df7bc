package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/engine/vjp"
)

// doubling is the kernel of the convolution that halves an image's sides, and whose
// transpose doubles them.
var doubling = Kernel{Size: 4, Stride: 2, Padding: 1}

// ConvTransposed maps x [batch, height, width, in] to
// [batch, 2·height, 2·width, channels]: the transposed convolution of kernel 4,
// stride 2 and padding 1 (Dumoulin and Visin 2016, arXiv:1603.07285). The
// initial weights [4·4·in, channels] are normal with standard deviation std,
// the initial bias zero; an output pixel sees 4·in numbers.
func ConvTransposed(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	weight := Plain(s, x, "weight", std, x.DType(), 16*x.Shape().Dimensions[3], channels)
	return Bias(s, double(x, weight))
}

// UpsampleConv is [UpsampleConvWith] with weights [9·in, channels], initially normal with
// standard deviation std, and a bias, initially zero.
func UpsampleConv(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	return Plain.UpsampleConv(s, x, channels, std)
}

// UpsampleConvWith doubles height and width of x [batch, height, width, in] by
// repeating each pixel and convolves the result, kernel 3 and padding 1, with
// weights [9·in, channels] to [batch, 2·height, 2·width, channels]; this avoids
// checkerboard artefacts (Odena, Dumoulin and Olah 2016, doi:10.23915/distill.00003).
//
// Taps that fall on copies of one pixel are added first; what is left is a
// transposed convolution of kernel 4, with 4/9 of the multiplications.
func UpsampleConvWith(x, weight *graph.Node) *graph.Node {
	// Copy c of a pixel, of tap t, falls 2+c-t into what the pixel adds to the output.
	return double(x, mergeTaps(weight, func(copied, tap int) int { return 2 + copied - tap }, 1))
}

// DownsampleConvWith convolves x [batch, height, width, in], kernel 3 and padding 1,
// with weights [9·in, channels], and takes the mean of each 2×2 pixels:
// [batch, height/2, width/2, channels]. Both sides are even.
//
// The taps of the four are added first; what is left is a convolution of kernel 4 and
// stride 2, with 4/9 of the multiplications.
func DownsampleConvWith(x, weight *graph.Node) *graph.Node {
	// Tap t of pixel c of the four reads c+t into what they see together.
	return ConvWith(x, mergeTaps(weight, func(pixel, tap int) int { return pixel + tap }, 0.25), doubling)
}

// Enlarge doubles height and width of x [batch, height, width, channels], smoothly:
// each pixel of the result is 9/16, 3/16, 3/16 and 1/16 of the four of x that are
// nearest to it; beyond the border are zeros. That is the filter [1, 3, 3, 1] of Karras
// et al. 2019 (arXiv:1912.04958).
func Enlarge(x *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[3]
	weight := make([]float64, 16*channels*channels) // [row, column, in, out]
	filter := [4]float64{0.25, 0.75, 0.75, 0.25}
	for i := range 16 * channels {
		weight[i*channels+i%channels] = filter[i/channels/4] * filter[i/channels%4]
	}
	return double(x, graph.Reshape(graph.ConstAsDType(x.Graph(), x.DType(), weight), 16*channels, channels))
}

// double is the transposed convolution with weights [4·4·in, channels].
func double(x, weight *graph.Node) *graph.Node {
	return vjp.ConvTransposed(x, square(weight, doubling.Size), doubling.geometry()) // [batch, 2·height, 2·width, channels]
}

// mergeTaps turns the weights [3·3·in, out] of a convolution whose every tap is used
// for two pixels along each side into weights [4·4·in, out], each the sum of those
// that fall on it, times the factor.
func mergeTaps(weight *graph.Node, at func(pixel, tap int) int, factor float64) *graph.Node {
	d := weight.Shape().Dimensions
	merge := make([]float64, 16*9) // [row, column of the merged kernel, row, column of the tap]
	for n := range 4 * 9 {
		pixelRow, pixelCol, tapRow, tapCol := n/18, n/9%2, n/3%3, n%3
		merge[(at(pixelRow, tapRow)*4+at(pixelCol, tapCol))*9+tapRow*3+tapCol] = factor
	}
	w := graph.Reshape(graph.ConstAsDType(weight.Graph(), weight.DType(), merge), 16, 9)
	w = graph.MatMul(w, graph.Reshape(weight, 9, d[0]/9*d[1])) // [16, in·out]
	return graph.Reshape(w, 16*d[0]/9, d[1])
}
