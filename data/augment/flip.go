package augment

import (
	"math/rand/v2"
	"slices"

	"atelier/data"
)

func init() {
	data.Augmentations.Add("flip", "flips the picture left to right, for what looks right both ways (not letters or digits)",
		func() data.Augmentation { return &Flip{Probability: 0.5} })
}

// Flip flips the picture left to right.
type Flip struct {
	Probability float64 `help:"probability, 0 to 1"`
}

// Check refuses settings outside their range.
func (a *Flip) Check() error {
	return checkRange("probability", a.Probability, 1)
}

// Apply flips the picture or leaves it.
func (a *Flip) Apply(pixels []float32, f data.Field, rng *rand.Rand) {
	if rng.Float64() >= a.Probability {
		return
	}
	width, channels := f.Shape[1], f.Shape[2]
	for row := range slices.Chunk(pixels, width*channels) {
		for left, right := 0, width-1; left < right; left, right = left+1, right-1 {
			for ch := range channels {
				l, r := left*channels+ch, right*channels+ch
				row[l], row[r] = row[r], row[l]
			}
		}
	}
}
