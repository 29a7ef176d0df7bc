package picture

import (
	"bytes"
	"image"
	"image/jpeg"
)

// quality is the quality of re-encoded JPEGs.
const quality = 95

// Redraw returns a file with new pixels and the old file's orientation and colour profile. An
// opaque JPEG and a grey PGM keep their format; everything else becomes PNG.
func (f *File) Redraw(img image.Image, orientation int, icc []byte) (*File, error) {
	var b bytes.Buffer
	grey, isGrey := img.(*image.Gray)
	switch {
	case f.Format == PGM && isGrey && orientation == 1 && icc == nil:
		return open(encodePGM(grey))
	case f.Format == JPEG && opaque(img):
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
	default:
		if err := WritePNG(&b, img); err != nil {
			return nil, err
		}
	}
	out, err := open(b.Bytes())
	if err != nil {
		return nil, err
	}
	if icc != nil {
		out = out.with(profile, icc)
	}
	if orientation != 1 {
		out = out.with(exif, orientationExif(orientation))
	}
	return out, nil
}

// opaque reports whether a picture has no transparency.
func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
