package clean

import "atelier/data"

func init() {
	data.Cleaners.Add("decodes", "drops pictures that cannot be decoded, are cut short or claim more than their bytes can hold; of an animation the first frame stays",
		func() data.Cleaner { return &Decodes{} })
}

// Decodes drops what is no picture though it is said to be one.
type Decodes struct{}

// Clean decodes the picture, and cuts off all frames after the first, whose bytes stay
// as they are.
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
