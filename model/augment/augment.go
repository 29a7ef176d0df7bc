// Package augment implements augmentations of a discriminator's inputs, real and generated alike,
// which prevent memorization of a small set without leaking into the generated samples: one per
// file. They are differentiable.
package augment

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/internal/registry"
)

// Augmentations is the registry of augmentations.
var Augmentations = registry.New[Augmentation]("augmentation of D")

// An Augmentation transforms samples at random. Its exported fields are its settings.
type Augmentation interface {
	// Numbers is the number of random numbers per sample.
	Numbers() int
	// Apply transforms samples x [batch, height, width, channels] by random numbers u [batch,
	// Numbers()], uniform in [0, 1), where use [batch] is 1, and leaves them unchanged where it is
	// 0. The result has the shape of x.
	Apply(x, u, use *graph.Node) *graph.Node
}

// pick selects the transformed samples where use [batch] is 1, the original ones elsewhere.
func pick(use, changed, x *graph.Node) *graph.Node {
	used := graph.GreaterThan(column(use), graph.ScalarZero(use.Graph(), use.DType())) // [batch, 1, 1, 1]
	return graph.Where(graph.BroadcastToDims(used, x.Shape().Dimensions...), changed, x)
}

// number is the random number with an index of each sample, [batch].
func number(u *graph.Node, at int) *graph.Node {
	return graph.Squeeze(graph.Slice(u, graph.AxisRange(), graph.AxisElem(at)), 1)
}

// column reshapes v [batch] to the rank of pictures: [batch, 1, 1, 1].
func column(v *graph.Node) *graph.Node { return graph.Reshape(v, -1, 1, 1, 1) }
