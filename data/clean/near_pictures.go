package clean

import (
	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-pictures", "drops near-duplicate pictures (re-encoded, resized, brightened or slightly cropped) and keeps the largest: candidates by their lowest frequencies (Zauner 2010) in random cells (Datar, Immorlica, Indyk, Mirrokni 2004), confirmed by the difference of the aligned pictures",
		func() data.Cleaner { return &NearPictures{Difference: 7} })
}

// NearPictures drops near duplicates of pictures and keeps the largest.
type NearPictures struct {
	Difference int `help:"largest difference of two near duplicates, in thousandths of a picture's variance, 1 to 100"`
}

// Check refuses settings outside their range.
func (c *NearPictures) Check() error {
	if c.Difference < 1 || c.Difference > 100 {
		return registry.Unfit("difference", "want 1 to 100 thousandths")
	}
	return nil
}

// Clean keeps every piece: copies are found by their sketches.
func (*NearPictures) Clean(*data.Piece) error { return nil }

// Sketch returns the signature of the picture, and bands that its copies share.
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

// Resemble implements [data.Hasty]: it compares light and colours, and registers the outlines.
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
	if y.left < x.left { // a is a crop of b
		x = y
	}
	return x.fits(float64(c.Difference) / 1000)
}

// blurred is how much larger the residue of an outline may be than that of the picture.
const blurred = 1.8

// flat reports whether a picture has too little contrast for its outline to be more than noise.
func flat(s []byte) bool { return s[deviationAt] <= 2*2 }

// Reason implements [data.Comparing].
func (*NearPictures) Reason() string { return "near duplicate" }

// The largest differences in chroma between two copies, in levels: in any cell, and on average.
// They distinguish persons, and objects of the same shape.
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

// sameLight reports whether two stamps have about the same mean and contrast, which brightening by
// a tenth hardly changes.
func sameLight(a, b []byte) bool {
	if 100*apart(a[meanAt], b[meanAt]) > 14*int(max(a[meanAt], b[meanAt]))+800 {
		return false
	}
	x, y := int(a[deviationAt]), int(b[deviationAt])
	low, high := min(x, y), max(x, y)
	return 2*high*high <= 5*(low*low+36) // variances of up to 5 to 2, plus 9 levels²
}

func apart(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }
