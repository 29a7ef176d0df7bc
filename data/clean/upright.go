package clean

import (
	"atelier/data"
	"atelier/internal/picture"
)

func init() {
	data.Cleaners.Add("upright", "rotates pictures upright by their EXIF orientation (CIPA DC-008)",
		func() data.Cleaner { return &Upright{} })
}

// Upright rotates pictures to their EXIF orientation. It encodes them again: a JPEG at quality 95.
type Upright struct{}

// Clean implements [data.Cleaner].
func (*Upright) Clean(p *data.Piece) error {
	r, err := rasterOf(p)
	if r == nil || r.orientation == 1 {
		return err
	}
	if r, err = decodedOf(p); err != nil {
		return err
	}
	r.draw(picture.Turn(r.pixels, r.orientation))
	r.orientation = 1
	p.Change("turned upright", 1)
	return nil
}
