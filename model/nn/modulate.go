package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// modulationEpsilon is added to the squared length of a kernel.
const modulationEpsilon = 1e-8

// ModulatedConv is a modulated convolution of kernel 3 and padding 1: input channel i is
// multiplied by a scale, a linear map of the style, and each output channel divided by the
// norm of its modulated kernel
// (Karras et al. 2019, arXiv:1912.04958, section 2.2). With up, it is that of x with
// height and width doubled ([UpsampleConvWith]). It maps x [batch, height, width, in]
// and style [batch, features] to [batch, height', width', channels]; inputs of
// variance 1 give outputs of variance gain².
//
// Scaling x and dividing the result is equivalent, and takes one convolution for all
// examples.
func ModulatedConv(s *model.Scope, x, style *graph.Node, channels int, up bool, gain float64) *graph.Node {
	in := x.Shape().Dimensions[3]
	scale := modulation(s, x, style)                                                                  // [batch, in]
	weight := Equalised(1)(s, x, "weight", Fan(9*in), x.DType(), 9*in, channels)                      // [9·in, channels]
	square := graph.ReduceSum(graph.Reshape(graph.Square(weight), 9, in, channels), 0)                // [in, channels]
	length := graph.Sqrt(graph.AddScalar(LinearWith(graph.Square(scale), square), modulationEpsilon)) // [batch, channels]
	x = graph.Mul(x, ofPixels(scale))
	if up {
		x = UpsampleConvWith(x, weight)
	} else {
		x = ConvWith(x, weight, Kernel{Size: 3, Stride: 1, Padding: 1})
	}
	return graph.Mul(x, ofPixels(graph.MulScalar(graph.Reciprocal(length), gain)))
}

// ModulatedPixels maps each pixel of x [batch, height, width, in] to channels by
// weights whose rows are scaled by the style [batch, features], without division by
// their length, and adds a bias, at first zero: [batch, height, width, channels]. With
// up, it is a convolution of x with height and width doubled ([UpsampleConvWith]).
func ModulatedPixels(s *model.Scope, x, style *graph.Node, channels int, up bool) *graph.Node {
	in, taps := x.Shape().Dimensions[3], 1
	if up {
		taps = 9
	}
	weight := Equalised(1)(s, x, "weight", Fan(taps*in), x.DType(), taps*in, channels)
	x = graph.Mul(x, ofPixels(modulation(s, x, style)))
	if up {
		return Bias(s, UpsampleConvWith(x, weight))
	}
	return Bias(s, ConvWith(x, weight, Kernel{Size: 1, Stride: 1}))
}

// modulation is the scale of each channel of x, [batch, channels], from the style
// [batch, features], initially of mean 1.
func modulation(s *model.Scope, x, style *graph.Node) *graph.Node {
	features, channels := style.Shape().Dimensions[1], x.Shape().Dimensions[3]
	return graph.OnePlus(Equalised(1).Dense(s.In("style"), style, channels, Fan(features)))
}

// ofPixels adds axes for height and width to v [batch, channels].
func ofPixels(v *graph.Node) *graph.Node { return graph.InsertAxes(v, 1, 1) }
