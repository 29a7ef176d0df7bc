package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// GroupNorm brings each group of channels of each example of x [batch, height, width,
// channels] to mean 0 and variance 1 over its pixels, and scales and shifts each channel
// (Wu and He 2018, arXiv:1803.08494). There are so many groups, which divide the
// channels. With conditions by [batch, features], nil for none, scale and shift are
// moved by what a linear map makes of them, at first by nearly nothing (Dhariwal and
// Nichol 2021, arXiv:2105.05233).
//
// The pixels of a channel are added up first, and then the channels of a group; what is
// left to do with each number is to scale and to shift it once.
func GroupNorm(s *model.Scope, x, by *graph.Node, groups int) *graph.Node {
	d := x.Shape().Dimensions
	if groups < 1 || d[3]%groups != 0 {
		panic(fmt.Errorf("group norm: %d channels are not %d equal groups", d[3], groups))
	}
	ofGroup := func(v *graph.Node) *graph.Node { // [batch, channels], the same for all channels of a group
		v = graph.ReduceAndKeep(graph.Reshape(v, d[0], groups, d[3]/groups), graph.ReduceMean, 2) // [batch, groups, 1]
		return graph.Reshape(graph.BroadcastToDims(v, d[0], groups, d[3]/groups), d[0], d[3])
	}
	mean := ofGroup(graph.ReduceMean(x, 1, 2))
	variance := graph.Sub(ofGroup(graph.ReduceMean(graph.Square(x), 1, 2)), graph.Square(mean)) // [batch, channels]
	rate := graph.Reciprocal(graph.Sqrt(graph.AddScalar(graph.MaxScalar(variance, 0), normEpsilon)))
	scale := perChannel(Filled(s, "scale", 1, x.DType(), d[3]).NodeValue(x), rate)
	offset := perChannel(Filled(s, "offset", 0, x.DType(), d[3]).NodeValue(x), rate)
	if by != nil {
		affine := Dense(s.In("affine"), by, 2*d[3], conditionStd) // [batch, 2·channels]
		scale = graph.Add(scale, graph.Slice(affine, graph.AxisRange(), graph.AxisRange(0, d[3])))
		offset = graph.Add(offset, graph.Slice(affine, graph.AxisRange(), graph.AxisRange(d[3])))
	}
	scale = graph.Mul(scale, rate)                     // [batch, channels]
	offset = graph.Sub(offset, graph.Mul(mean, scale)) // [batch, channels]
	return graph.Add(graph.Mul(x, ofPixels(scale)), ofPixels(offset))
}
