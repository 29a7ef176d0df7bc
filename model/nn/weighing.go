package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// A Weighing makes the weight [rows, columns] of a layer, initially normal with standard
// deviation std, from variables of the scope. Its methods are layers with such weights.
type Weighing func(s *model.Scope, g graph.GraphProvider, name string, std float64, dtype dtypes.DType, rows, columns int) *graph.Node

// Parametrisations of weights: Plain ones are variables; Spectral ones are divided by
// their largest singular value ([SpectralNorm]).
var (
	Plain    Weighing = plain
	Spectral Weighing = spectral
)

func plain(s *model.Scope, g graph.GraphProvider, name string, std float64, dtype dtypes.DType, rows, columns int) *graph.Node {
	return Weight(s, name, std, dtype, rows, columns).NodeValue(g)
}

func spectral(s *model.Scope, g graph.GraphProvider, name string, std float64, dtype dtypes.DType, rows, columns int) *graph.Node {
	return SpectralNorm(s, plain(s, g, name, std, dtype, rows, columns))
}

// Equalised weights are standard normal variables times their standard deviation,
// so that an optimizer with steps of a fixed size updates all layers at the same
// speed, relative to the rate, which slows down these weights (Karras et al. 2017,
// arXiv:1710.10196, section 4.1; 2018, arXiv:1812.04948, appendix C).
func Equalised(rate float64) Weighing {
	return func(s *model.Scope, g graph.GraphProvider, name string, std float64, dtype dtypes.DType, rows, columns int) *graph.Node {
		return graph.MulScalar(plain(s, g, name, 1/rate, dtype, rows, columns), std*rate)
	}
}

// Dense maps x [batch, in] to x·weight + bias [batch, width], the bias initially zero.
func (w Weighing) Dense(s *model.Scope, x *graph.Node, width int, std float64) *graph.Node {
	y := LinearWith(x, w(s, x, "weight", std, x.DType(), x.Shape().Dimensions[1], width)) // [batch, width]
	return Bias(s, y)
}

// Conv maps x [batch, height, width, in] to [batch, height', width', channels],
// a cross-correlation with weights [size·size·in, channels] and a bias, initially zero.
func (w Weighing) Conv(s *model.Scope, x *graph.Node, channels int, k Kernel, std float64) *graph.Node {
	in := x.Shape().Dimensions[3]
	return Bias(s, ConvWith(x, w(s, x, "weight", std, x.DType(), k.Size*k.Size*in, channels), k))
}

// UpsampleConv is [UpsampleConvWith] of weights [9·in, channels], and a bias,
// initially zero.
func (w Weighing) UpsampleConv(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	return Bias(s, UpsampleConvWith(x, w(s, x, "weight", std, x.DType(), 9*x.Shape().Dimensions[3], channels)))
}

// DownsampleConv is [DownsampleConvWith] of weights [9·in, channels], and a bias,
// initially zero.
func (w Weighing) DownsampleConv(s *model.Scope, x *graph.Node, channels int, std float64) *graph.Node {
	return Bias(s, DownsampleConvWith(x, w(s, x, "weight", std, x.DType(), 9*x.Shape().Dimensions[3], channels)))
}

// Embedding maps indices y (int32 [batch], each in [0, count)) to the rows of a
// table, [batch, width]. It takes the dtype of like. The lookup is a product
// with one-hot vectors, whose gradient is another product.
func (w Weighing) Embedding(s *model.Scope, y *graph.Node, count, width int, std float64, like *graph.Node) *graph.Node {
	table := w(s, y, "table", std, like.DType(), count, width)
	return LinearWith(graph.OneHot(y, count, like.DType()), table) // [batch, width]
}

// Bias adds a bias to x [..., channels], initially zero.
func Bias(s *model.Scope, x *graph.Node) *graph.Node {
	bias := Filled(s, "bias", 0, x.DType(), x.Shape().Dimensions[x.Rank()-1]).NodeValue(x) // [channels]
	return graph.Add(x, perChannel(bias, x))
}
