package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("zoom", "zooms in or out around the centre",
		func() data.Augmentation { return &Zoom{Max: 0.1, Fill: fillEdge} })
}

// Zoom zooms in or out around the centre by up to 1 + max.
type Zoom struct {
	Max  float64 `help:"largest zoom: 0.1 is a factor of 1/1.1 to 1.1; at most 1"`
	Fill string  `help:"fill beyond the old picture's edge: edge repeats its border, low is the lowest value"`
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
