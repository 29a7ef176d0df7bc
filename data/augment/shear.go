package augment

import (
	"math"
	"math/rand/v2"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("shear", "slants the picture sideways by up to some degrees",
		func() data.Augmentation { return &Shear{Degrees: 10, Fill: fillEdge} })
}

// Shear slants the picture: its rows move sideways, the more the farther from the middle.
type Shear struct {
	Degrees float64 `help:"the farthest in either direction, 0 to 45"`
	Fill    string  `help:"edge or low: what stands where the old picture has no pixel"`
}

// Check refuses settings outside their range.
func (a *Shear) Check() error {
	if err := checkRange("degrees", a.Degrees, 45); err != nil {
		return err
	}
	return checkFill(a.Fill)
}

// Apply slants the picture.
func (a *Shear) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	slant := math.Tan(symmetric(rng, a.Degrees) * math.Pi / 180)
	resample(pixels, f, affine{xx: 1, xy: slant, yy: 1}, a.Fill)
}
