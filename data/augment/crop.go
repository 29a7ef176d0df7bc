package augment

import (
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("crop", "random crop, resized to the full size",
		func() data.Augmentation { return &Crop{Share: 0.1} })
}

// Crop cuts out a random window of the same aspect ratio and enlarges it to the full size.
type Crop struct {
	Share float64 `help:"largest share cut off a side, 0 to 0.9"`
}

// Check refuses settings outside their range.
func (a *Crop) Check() error {
	return checkRange("share", a.Share, 0.9)
}

// Apply crops and enlarges the picture.
func (a *Crop) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	cut := rng.Float64() * a.Share
	x := symmetric(rng, cut/2) * float64(f.Shape[1]-1)
	y := symmetric(rng, cut/2) * float64(f.Shape[0]-1)
	resample(pixels, f, affine{xx: 1 - cut, yy: 1 - cut, dx: x, dy: y}, fillEdge)
}
