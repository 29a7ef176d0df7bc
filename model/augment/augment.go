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
