package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats that image.Decode knows
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/webp"
)

// maxPixels is the size of the largest picture that is decoded; a header alone
// must not make the program take memory.
const maxPixels = 64 << 20

var errFormat = errors.New("not a picture that can be read; there are PNG, JPEG, GIF, WebP and PGM")

// oriented is a picture with the EXIF orientation that it is to be shown in.
type oriented struct {
	image.Image
	orientation int // 1 to 8 as in EXIF; 1 is upright
}

// decodePicture decodes a picture after looking at its header.
func decodePicture(b []byte) (oriented, error) {
	if bytes.HasPrefix(b, []byte("P5")) {
		img, err := decodePGM(b)
		return oriented{img, 1}, err
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return oriented{}, explain(err)
	}
	if err := checkSize(config.Width, config.Height); err != nil {
		return oriented{}, err
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return oriented{}, explain(err)
	}
	if img.Bounds().Empty() {
		return oriented{}, errors.New("a picture without pixels")
	}
	return oriented{img, orientation(b, format)}, nil
}

// checkSize refuses pictures without pixels and those with too many.
func checkSize(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("a picture of %d×%d pixels", width, height)
	}
	if width > maxPixels/height {
		return fmt.Errorf("a picture of %d×%d pixels is too large; at most %d megapixels are read", width, height, maxPixels>>20)
	}
	return nil
}

// explain says in plain words what a decoder's error means.
func explain(err error) error {
	if errors.Is(err, image.ErrFormat) {
		return errFormat
	}
	return fmt.Errorf("the picture is cut short or damaged (%w)", err)
}
