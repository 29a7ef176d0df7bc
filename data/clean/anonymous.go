package clean

import "atelier/data"

func init() {
	data.Cleaners.Add("anonymous", "removes metadata that identifies people and places: EXIF, XMP, IPTC, comments, thumbnails and trailing bytes; pixels, orientation and colour profile stay, byte for byte",
		func() data.Cleaner { return &Anonymous{} })
}

// Anonymous removes all metadata from pictures without decoding them.
type Anonymous struct{}

// Clean implements [data.Cleaner].
func (*Anonymous) Clean(p *data.Piece) error {
	r, err := rasterOf(p)
	if r == nil {
		return err
	}
	plain := r.file.Anonymous()
	if plain != r.file {
		r.file = plain
		p.Change("metadata removed", 1)
	}
	return nil
}
