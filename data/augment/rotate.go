package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("rotate", "turns the picture around its middle by up to some degrees",
		func() data.Augmentation { return &Rotate{Degrees: 10, Fill: fillEdge} })
}

// Rotate turns the picture around its middle.
type Rotate struct {
	Degrees float64 `help:"the farthest in either direction, 0 to 180"`
	Fill    string  `help:"edge or low: what stands where the old picture has no pixel"`
}

// Check refuses settings outside their range.
func (a *Rotate) Check() error {
	if err := checkRange("degrees", a.Degrees, 180); err != nil {
		return err
	}
	return checkFill(a.Fill)
}

// Apply turns the picture.
func (a *Rotate) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	sin, cos := math.Sincos(symmetric(rng, a.Degrees) * math.Pi / 180)
	resample(pixels, f, affine{xx: cos, xy: -sin, yx: sin, yy: cos}, a.Fill)
}
