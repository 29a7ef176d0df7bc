// Package augment changes samples before a discriminator sees them, real and
// generated alike, so that a small set is not learned by heart and the changes do not
// leak into what is generated: one augmentation a file. Gradients pass through them.
package augment

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/internal/registry"
)

// Augmentations lists the changes.
var Augmentations = registry.New[Augmentation]("augmentation of D")

// An Augmentation changes samples at random. Its exported fields are its settings.
type Augmentation interface {
	// Numbers is how many random numbers a sample takes.
	Numbers() int
	// Apply changes samples x [batch, height, width, channels] by random numbers u
	// [batch, Numbers()], uniform in [0, 1), where use [batch] is 1, and leaves them
	// as they are where it is 0. The result has the shape of x.
	Apply(x, u, use *graph.Node) *graph.Node
}

// pick is the changed samples where use [batch] is 1, the others as they are.
func pick(use, changed, x *graph.Node) *graph.Node {
	used := graph.GreaterThan(column(use), graph.ScalarZero(use.Graph(), use.DType())) // [batch, 1, 1, 1]
	return graph.Where(graph.BroadcastToDims(used, x.Shape().Dimensions...), changed, x)
}

// number is the random number of each sample with that index, [batch].
func number(u *graph.Node, at int) *graph.Node {
	return graph.Squeeze(graph.Slice(u, graph.AxisRange(), graph.AxisElem(at)), 1)
}

// column gives v [batch] the rank of pictures: [batch, 1, 1, 1].
func column(v *graph.Node) *graph.Node { return graph.Reshape(v, -1, 1, 1, 1) }
