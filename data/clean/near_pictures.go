package clean

import (
	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-pictures", "drops pictures that are copies of an earlier one, encoded again, resized, brightened or cropped a little; found by their lowest frequencies (Zauner 2010) in random cells (Datar, Immorlica, Indyk, Mirrokni 2004), told by what is left when one is laid on the other",
		func() data.Cleaner { return &NearPictures{Difference: 7} })
}

// NearPictures drops pictures that look like an earlier one.
type NearPictures struct {
	Difference int `help:"how much of a picture's variance may be left when the earlier one is laid on it, in thousandths, 1 to 100"`
}

// Check refuses settings outside their range.
func (c *NearPictures) Check() error {
	if c.Difference < 1 || c.Difference > 100 {
		return registry.Unfit("difference", "want 1 to 100 thousandths")
	}
	return nil
}

// Clean keeps every piece; copies are found by their sketches.
func (*NearPictures) Clean(*data.Piece) error { return nil }

// Sketch returns a small copy of the picture, and cells that its copies share.
func (*NearPictures) Sketch(p *data.Piece) (data.Sketch, bool, error) {
	r, err := decodedOf(p)
	if r == nil {
		return data.Sketch{}, false, err
	}
	s := newStamp(r)
	return data.Sketch{Bands: s.bands(), Signature: s.bytes()}, true, nil
}

// Alike reports whether one picture is a copy of the other.
func (c *NearPictures) Alike(a, b []byte) bool {
	if len(a) != stampBytes || len(b) != stampBytes || !sameLight(a, b) || !sameColours(a, b) {
		return false
	}
	a, b = a[:stampArea], b[:stampArea]
	return mayFit(a, b, c.Difference) && (fits(a, b, c.Difference) || fits(b, a, c.Difference))
}

// Reason implements [data.Comparing].
func (*NearPictures) Reason() string { return "near duplicate" }

// By how many levels the chroma of two copies differs at most: in any cell, and in the
// mean. It is what tells persons, and things of the same shape, apart.
const (
	mostColour = 18
	meanColour = 6
)

func sameColours(a, b []byte) bool {
	sum := 0
	for i := stampArea; i < stampArea+chromaCells; i++ {
		far := apart(a[i], b[i])
		if far > mostColour {
			return false
		}
		sum += far
	}
	return sum <= meanColour*chromaCells
}

// sameLight reports whether two stamps have about the same mean and contrast, which
// brightening by a tenth changes little.
func sameLight(a, b []byte) bool {
	if 100*apart(a[meanAt], b[meanAt]) > 14*int(max(a[meanAt], b[meanAt]))+800 {
		return false
	}
	x, y := int(a[deviationAt]), int(b[deviationAt])
	low, high := min(x, y), max(x, y)
	return 2*high*high <= 5*(low*low+36) // variances of up to 5 to 2, and 9 levels²
}

func apart(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }
