package data

import (
	"math/rand/v2"

	"atelier/internal/registry"
)

// Augmentations lists the ways to vary training pictures.
var Augmentations = registry.New[Augmentation]("augmentation")

// An Augmentation varies one training picture on the host, where gradients
// need not pass. Its exported fields are its settings.
type Augmentation interface {
	// Apply changes the pixels of a picture of the field's shape
	// [height, width, channels] in place, drawing all that is random from rng.
	Apply(pixels []float32, f Field, rng *rand.Rand)
}
