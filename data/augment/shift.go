package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("shift", "shifts the picture by whole pixels, up to a share of its sides",
		func() data.Augmentation { return &Shift{Max: 0.1, Fill: fillEdge} })
}

// Shift shifts the picture by whole pixels in both directions.
type Shift struct {
	Max  float64 `help:"largest shift, as a share of the side, 0 to 0.5"`
	Fill string  `help:"fill beyond the old picture's edge: edge repeats its border, low is the lowest value"`
}

// Check refuses settings outside their range.
func (a *Shift) Check() error {
	if err := checkRange("max", a.Max, 0.5); err != nil {
		return err
	}
	return checkFill(a.Fill)
}

// Apply shifts the picture.
func (a *Shift) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	x := math.Round(symmetric(rng, a.Max) * float64(f.Shape[1]))
	y := math.Round(symmetric(rng, a.Max) * float64(f.Shape[0]))
	resample(pixels, f, affine{xx: 1, yy: 1, dx: x, dy: y}, a.Fill)
}
