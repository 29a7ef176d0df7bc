package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("rotate", "rotates around the centre by up to some degrees",
		func() data.Augmentation { return &Rotate{Degrees: 10, Fill: fillEdge} })
}

// Rotate rotates the picture around its centre.
type Rotate struct {
	Degrees float64 `help:"largest angle in either direction in degrees, 0 to 180"`
	Fill    string  `help:"fill beyond the old picture's edge: edge repeats its border, low is the lowest value"`
}

// Check refuses settings outside their range.
func (a *Rotate) Check() error {
	if err := checkRange("degrees", a.Degrees, 180); err != nil {
		return err
	}
	return checkFill(a.Fill)
}

// Apply rotates the picture.
func (a *Rotate) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	sin, cos := math.Sincos(symmetric(rng, a.Degrees) * math.Pi / 180)
	resample(pixels, f, affine{xx: cos, xy: -sin, yx: sin, yy: cos}, a.Fill)
}
