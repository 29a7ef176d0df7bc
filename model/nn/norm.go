package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	batchNormMomentum = 0.9
	normEpsilon       = 1e-5 // added to variances
	conditionStd      = 0.02 // of the weights from conditions to scales and shifts (Brock et al. 2018)
)

// BatchNorm normalises each channel (the last axis of x [batch, ..., channels])
// and scales and shifts it (Ioffe and Szegedy 2015, arXiv:1502.03167). In
// training it uses the statistics of the batch and updates the running ones;
// otherwise it uses the running ones, so that an example's result does not
// depend on its batch.
func BatchNorm(s *model.Scope, x *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[x.Rank()-1]
	scale := Filled(s, "scale", 1, x.DType(), channels).NodeValue(x)
	offset := Filled(s, "offset", 0, x.DType(), channels).NodeValue(x)
	return graph.Add(graph.Mul(standardise(s, x), perChannel(scale, x)), perChannel(offset, x))
}

// ConditionalBatchNorm normalises each channel of x [batch, height, width, channels]
// like [BatchNorm], and scales and shifts it by a linear map of the conditions
// by [batch, features] (de Vries et al. 2017, arXiv:1707.00683; Brock et al.
// 2018, arXiv:1809.11096): at first the scales are near 1, the shifts near 0.
func ConditionalBatchNorm(s *model.Scope, x, by *graph.Node) *graph.Node {
	d := x.Shape().Dimensions
	affine := Dense(s.In("affine"), by, 2*d[3], conditionStd) // [batch, 2·channels]
	part := func(i int) *graph.Node {                         // [batch, 1, 1, channels]
		return graph.Reshape(graph.Slice(affine, graph.AxisRange(), graph.AxisRange(i*d[3], (i+1)*d[3])), d[0], 1, 1, d[3])
	}
	return graph.Add(graph.Mul(standardise(s, x), graph.OnePlus(part(0))), part(1))
}

// standardise brings each channel of x to mean 0 and variance 1.
func standardise(s *model.Scope, x *graph.Node) *graph.Node {
	g, channels := x.Graph(), x.Shape().Dimensions[x.Rank()-1]
	runningMean := Filled(s, "mean", 0, x.DType(), channels).SetTrainable(false)
	runningVariance := Filled(s, "variance", 1, x.DType(), channels).SetTrainable(false)
	if !s.IsTraining(g) {
		return centreAndScale(x, runningMean.NodeValue(g), runningVariance.NodeValue(g))
	}
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i
	}
	mean := graph.ReduceMean(x, axes...)                                                   // [channels]
	variance := graph.ReduceMean(graph.Square(graph.Sub(x, perChannel(mean, x))), axes...) // [channels]
	Follow(runningMean, mean, batchNormMomentum)
	Follow(runningVariance, variance, batchNormMomentum)
	return centreAndScale(x, mean, variance)
}

func centreAndScale(x, mean, variance *graph.Node) *graph.Node {
	rate := graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, normEpsilon)))
	return graph.Mul(graph.Sub(x, perChannel(mean, x)), perChannel(rate, x))
}

// Follow updates a running average, with the given decay, by a new value.
func Follow(running *model.Variable, value *graph.Node, keep float64) {
	old := running.NodeValue(value)
	next := graph.Add(graph.MulScalar(old, keep), graph.MulScalar(graph.StopGradient(value), 1-keep))
	running.SetNodeValue(graph.StopGradient(next))
}

// perChannel expands v [channels] to the rank of x [..., channels].
func perChannel(v, x *graph.Node) *graph.Node { return graph.ExpandLeftToRank(v, x.Rank()) }

// GroupNorm brings each group of channels of each example of x [batch, height, width,
// channels] to mean 0 and variance 1 over its pixels, and scales and shifts each channel
// (Wu and He 2018, arXiv:1803.08494). The number of groups divides that of
// channels. With conditions by [batch, features], nil for none, a linear map of them,
// initially near 0, is added to scale and shift (Dhariwal and
// Nichol 2021, arXiv:2105.05233).
//
// Sums are taken over the pixels of a channel, then over the channels of a group, so that
// each number is scaled and shifted only once.
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

// LayerNorm brings each example of x [batch, ..., channels] to mean 0 and
// variance 1 over all its numbers, and scales and shifts each channel (Ba,
// Kiros and Hinton 2016, arXiv:1607.06450).
func LayerNorm(s *model.Scope, x *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[x.Rank()-1]
	scale := Filled(s, "scale", 1, x.DType(), channels).NodeValue(x)
	offset := Filled(s, "offset", 0, x.DType(), channels).NodeValue(x)
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i + 1
	}
	x = graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	variance := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, axes...) // [batch, 1, ...]
	x = graph.Mul(x, graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, normEpsilon))))
	return graph.Add(graph.Mul(x, perChannel(scale, x)), perChannel(offset, x))
}

// RMSNorm divides x [..., channels] by its root mean square along the last axis, epsilon added
// to the mean square, and scales each channel (Zhang and Sennrich 2019, arXiv:1910.07467).
func RMSNorm(s *model.Scope, x *graph.Node, epsilon float64) *graph.Node {
	scale := Filled(s, "scale", 1, x.DType(), x.Shape().Dimensions[x.Rank()-1]).NodeValue(x)
	square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, -1) // [..., 1]
	x = graph.Mul(x, graph.Reciprocal(graph.Sqrt(graph.AddScalar(square, epsilon))))
	return graph.Mul(x, perChannel(scale, x))
}
