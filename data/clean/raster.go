package clean

import (
	"image"
	"strings"

	"atelier/data"
	"atelier/internal/picture"
)

// undecodable is the reason for which a picture is dropped that cannot be decoded.
const undecodable = "cannot be decoded"

// A raster is the content of pictures. It is decoded when a cleaner first needs its pixels, and
// encoded again only if one changed them.
type raster struct {
	file        *picture.File
	mediaType   string
	pixels      image.Image // nil until decoded
	drawn       bool        // the pixels differ from the file's
	orientation int         // EXIF orientation, 1 to 8
	icc         []byte      // colour profile of the pixels, nil for sRGB
	small       *grey       // nil until a cleaner asks for it
}

// clipType is the media type of animations that are clips, of which no picture is made.
const clipType = "image/apng"

// rasterOf returns the piece's picture, nil if it is not a picture, or a Drop.
func rasterOf(p *data.Piece) (*raster, error) {
	if r, ok := p.Content.(*raster); ok {
		return r, nil
	}
	if p.Content != nil || !strings.HasPrefix(p.MediaType, "image/") || p.MediaType == clipType {
		return nil, nil
	}
	file, err := picture.Open(p.Bytes)
	if err != nil {
		return nil, &data.Drop{Reason: undecodable, Detail: err.Error()}
	}
	r := &raster{file: file, mediaType: p.MediaType, orientation: file.Orientation(), icc: file.Profile()}
	p.Content = r
	return r, nil
}

// decodedOf returns the piece's picture, decoded.
func decodedOf(p *data.Piece) (*raster, error) {
	r, err := rasterOf(p)
	if r == nil || r.pixels != nil {
		return r, err
	}
	if r.pixels, err = r.file.Decode(); err != nil {
		return nil, &data.Drop{Reason: undecodable, Detail: err.Error()}
	}
	return r, nil
}

// draw replaces the pixels.
func (r *raster) draw(img image.Image) { r.pixels, r.drawn, r.small = img, true, nil }

// size is the stored size of the picture.
func (r *raster) size() (width, height int) {
	if r.pixels != nil {
		s := r.pixels.Bounds().Size()
		return s.X, s.Y
	}
	return r.file.Width, r.file.Height
}

// grey returns the small grey copy of the picture.
func (r *raster) grey() *grey {
	if r.small == nil {
		r.small = newGrey(r.pixels)
	}
	return r.small
}

// Encode implements [data.Content].
func (r *raster) Encode() ([]byte, string, error) {
	if r.drawn {
		file, err := r.file.Redraw(r.pixels, r.orientation, r.icc)
		if err != nil {
			return nil, "", err
		}
		if file.Format != r.file.Format {
			r.mediaType = file.Format.MediaType()
		}
		r.file, r.drawn = file, false
	}
	return r.file.Bytes(), r.mediaType, nil
}
