package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	batchNormMomentum = 0.9
	normEpsilon       = 1e-5 // added to variances
)

// BatchNorm normalises each channel (the last axis of x [batch, ..., channels])
// and scales and shifts it (Ioffe and Szegedy 2015, arXiv:1502.03167). A graph
// marked as training uses the statistics of the batch and moves the running
// ones towards them; any other graph uses the running ones, so that an
// example's result does not depend on its batch.
func BatchNorm(s *model.Scope, x *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[x.Rank()-1]
	scale := Filled(s, "scale", 1, x.DType(), channels).NodeValue(x)
	offset := Filled(s, "offset", 0, x.DType(), channels).NodeValue(x)
	return graph.Add(graph.Mul(standardise(s, x), perChannel(scale, x)), perChannel(offset, x))
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
	move(runningMean, mean)
	move(runningVariance, variance)
	return centreAndScale(x, mean, variance)
}

func centreAndScale(x, mean, variance *graph.Node) *graph.Node {
	rate := graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, normEpsilon)))
	return graph.Mul(graph.Sub(x, perChannel(mean, x)), perChannel(rate, x))
}

// move brings a running average a step nearer to the new value.
func move(running *model.Variable, value *graph.Node) {
	old := running.NodeValue(value)
	next := graph.Add(graph.MulScalar(old, batchNormMomentum), graph.MulScalar(graph.StopGradient(value), 1-batchNormMomentum))
	running.SetNodeValue(graph.StopGradient(next))
}

// perChannel gives v [channels] the rank of x [..., channels].
func perChannel(v, x *graph.Node) *graph.Node { return graph.ExpandLeftToRank(v, x.Rank()) }
