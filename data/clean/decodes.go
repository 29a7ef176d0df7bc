package clean

import "atelier/data"

func init() {
	data.Cleaners.Add("decodes", "drops pictures that cannot be decoded, are truncated or claim more than their bytes can hold; keeps the first frame of an animation",
		func() data.Cleaner { return &Decodes{} })
}

// Decodes drops pictures that cannot be decoded.
type Decodes struct{}

// Clean decodes the picture, and removes all frames but the first, whose bytes stay as they are.
func (*Decodes) Clean(p *data.Piece) error {
	r, err := decodedOf(p)
	if r == nil {
		return err
	}
	if r.file.Animated() {
		r.file = r.file.Still()
		p.Change("first frame", 1)
	}
	return nil
}
