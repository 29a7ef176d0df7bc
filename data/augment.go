package data

import (
	"math/rand/v2"

	"atelier/internal/registry"
)

// Augmentations registers the augmentations of training examples.
var Augmentations = registry.New[Augmentation]("augmentation")

// An Augmentation changes one training picture on the host, outside the graph. Its exported
// fields are its settings.
type Augmentation interface {
	// Apply changes the pixels of a picture of the field's shape
	// [height, width, channels] in place, with random numbers from rng.
	Apply(pixels []float32, f Field, rng *rand.Rand)
}

// A Rewriting augmentation changes tokens instead of a picture.
type Rewriting interface {
	Augmentation
	// Rewrite changes the tokens of an example in place.
	Rewrite(tokens []int32, f Field, rng *rand.Rand)
}
