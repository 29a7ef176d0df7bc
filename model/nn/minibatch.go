package nn

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	deviationGroup    = 4 // most examples of a group
	deviationMomentum = 0.99
)

// MinibatchDeviation adds a channel to x [batch, ..., channels]: the standard deviation
// within a group of examples, averaged over all numbers (Karras et al. 2017,
// arXiv:1710.10196, section 3). It lets a discriminator detect fakes that are too alike.
// Groups are of at most 4 consecutive examples. Outside training it is the running mean, so
// that an example's result does not depend on its batch.
func MinibatchDeviation(s *model.Scope, x *graph.Node) *graph.Node {
	g, dims := x.Graph(), x.Shape().Dimensions
	running := Filled(s, "deviation", 0, x.DType()).SetTrainable(false)
	var spread *graph.Node // [batch]
	if s.IsTraining(g) {
		spread = groupDeviation(x)
		Follow(running, graph.ReduceAllMean(spread), deviationMomentum)
	} else {
		spread = graph.BroadcastToDims(running.NodeValue(g), dims[0])
	}
	one := slices.Clone(dims)
	one[len(one)-1] = 1
	channel := graph.InsertAxes(spread, slices.Repeat([]int{-1}, x.Rank()-1)...) // [batch, 1, ...]
	channel = graph.BroadcastToDims(channel, one...)                             // [batch, ..., 1]
	return graph.Concatenate([]*graph.Node{x, channel}, -1)
}

// groupDeviation is the mean deviation within the group of each example, [batch].
func groupDeviation(x *graph.Node) *graph.Node {
	batch := x.Shape().Dimensions[0]
	size := deviationGroup
	for batch%size != 0 {
		size--
	}
	grouped := graph.Reshape(x, batch/size, size, -1) // [groups, size, numbers]
	centred := graph.Sub(grouped, graph.ReduceAndKeep(grouped, graph.ReduceMean, 1))
	variance := graph.ReduceMean(graph.Square(centred), 1)                                               // [groups, numbers]
	deviation := graph.ReduceMean(graph.Sqrt(graph.AddScalar(variance, 1e-8)), 1)                        // [groups]
	return graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(deviation, 1), batch/size, size), batch) // [batch]
}
