package codec

import (
	"image"

	"atelier/data"
	"atelier/internal/picture"
)

// oriented is a picture with its EXIF orientation.
type oriented struct {
	image.Image
	orientation int // 1 to 8 as in EXIF; 1 is upright
}

// unreadable marks an error as caused by the work.
func unreadable(err error) error { return &data.Fault{Reason: "unreadable", Err: err} }

// decodePicture decodes a picture of any supported format.
func decodePicture(b []byte) (oriented, error) {
	file, err := picture.Open(b)
	if err != nil {
		return oriented{}, unreadable(err)
	}
	img, err := file.Decode()
	if err != nil {
		return oriented{}, unreadable(err)
	}
	return oriented{img, file.Orientation()}, nil
}
