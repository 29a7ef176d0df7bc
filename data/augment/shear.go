package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("shear", "shears the picture sideways by up to some degrees",
		func() data.Augmentation { return &Shear{Degrees: 10, Fill: fillEdge} })
}

// Shear shears the picture: its rows move sideways, in proportion to their distance from the
// centre.
type Shear struct {
	Degrees float64 `help:"largest angle in either direction in degrees, 0 to 45"`
	Fill    string  `help:"fill beyond the old picture's edge: edge repeats its border, low is the lowest value"`
}

// Check refuses settings outside their range.
func (a *Shear) Check() error {
	if err := checkRange("degrees", a.Degrees, 45); err != nil {
		return err
	}
	return checkFill(a.Fill)
}

// Apply shears the picture.
func (a *Shear) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	slant := math.Tan(symmetric(rng, a.Degrees) * math.Pi / 180)
	resample(pixels, f, affine{xx: 1, xy: slant, yy: 1}, a.Fill)
}
