package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("zoom", "enlarges or shrinks the picture around its middle",
		func() data.Augmentation { return &Zoom{Max: 0.1, Fill: fillEdge} })
}

// Zoom enlarges or shrinks the picture around its middle by up to 1 + max.
type Zoom struct {
	Max  float64 `help:"0.1 is a factor of 1/1.1 to 1.1; at most 1"`
	Fill string  `help:"edge or low: what stands where the old picture has no pixel"`
}

// Check refuses settings outside their range.
func (a *Zoom) Check() error {
	if err := checkRange("max", a.Max, 1); err != nil {
		return err
	}
	return checkFill(a.Fill)
}

// Apply zooms the picture.
func (a *Zoom) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	s := math.Pow(1+a.Max, symmetric(rng, 1))
	resample(pixels, f, affine{xx: s, yy: s}, a.Fill)
}
