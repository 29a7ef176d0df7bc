package clean

import (
	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-pictures", "of pictures that are copies of each other, the largest is kept: encoded again, resized, brightened or cropped a little; found by their lowest frequencies (Zauner 2010) in random cells (Datar, Immorlica, Indyk, Mirrokni 2004), told by what is left when one is laid on the other",
		func() data.Cleaner { return &NearPictures{Difference: 7} })
}

// NearPictures drops pictures that look like another, of which the largest stays.
type NearPictures struct {
	Difference int `help:"how much of a picture's variance may be left when another is laid on it, in thousandths, 1 to 100"`
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
	sketch := newStamp(r).sketch()
	width, height := r.size()
	sketch.Rank = data.NewRank(p.Mended, width*height)
	return sketch, true, nil
}

// Resemble implements [data.Hasty]: the pictures have about the same light and colours, and
// their outlines lie on each other.
func (c *NearPictures) Resemble(a, b []byte) bool {
	if len(a) != signatureBytes || len(b) != signatureBytes || !sameLight(a, b) {
		return false
	}
	if !flat(a) && !flat(b) && matched(a[outlineAt:], b[outlineAt:]).left > blurred*float64(c.Difference)/1000 {
		return false
	}
	return sameColours(a, b)
}

// Alike reports whether one picture is a copy of the other.
func (c *NearPictures) Alike(a, b []byte) bool {
	if !c.Resemble(a, b) {
		return false
	}
	x, y := laidOn(a, b), laidOn(b, a)
	if y.left < x.left { // a is a part of b
		x = y
	}
	return x.fits(float64(c.Difference) / 1000)
}

// blurred is how much more may be left of an outline than of the picture.
const blurred = 1.8

// flat reports whether a picture is too flat for its outline to be more than noise.
func flat(s []byte) bool { return s[deviationAt] <= 2*2 }

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
	for i := chromaAt; i < chromaAt+chromaCells; i++ {
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
