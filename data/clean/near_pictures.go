package clean

import (
	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("near-pictures", "drops pictures that are copies of an earlier one, encoded again, resized, brightened or cropped a little; found by their lowest frequencies (Zauner 2010) in random cells (Datar, Immorlica, Indyk, Mirrokni 2004), told by what is left when one is laid on the other",
		func() data.Cleaner { return &NearPictures{Difference: 6, Coloured: 14} })
}

// NearPictures drops pictures that look like an earlier one.
type NearPictures struct {
	Difference int `help:"how much of a picture's variance may be left when the earlier one is laid on it, in thousandths, 1 to 100"`
	Coloured   int `help:"the same of pictures with colours, which tell more"`
}

// Check refuses settings outside their range.
func (c *NearPictures) Check() error {
	if c.Difference < 1 || c.Difference > 100 {
		return registry.Unfit("difference", "want 1 to 100 thousandths")
	}
	if c.Coloured < 1 || c.Coloured > 100 {
		return registry.Unfit("coloured", "want 1 to 100 thousandths")
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
	if len(a) != stampBytes || len(b) != stampBytes || !sameColours(a[stampArea:], b[stampArea:]) {
		return false
	}
	most := c.Difference
	if coloured(a[stampArea:]) && coloured(b[stampArea:]) {
		most = c.Coloured
	}
	a, b = a[:stampArea], b[:stampArea]
	return sameLight(a, b) && (fits(a, b, most) || fits(b, a, most))
}

// Reason implements [data.Comparing].
func (*NearPictures) Reason() string { return "near duplicate" }
