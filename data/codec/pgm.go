package codec

import (
	"bytes"
	"errors"
	"fmt"
	"image"
)

// decodePGM reads a binary PGM of one byte a pixel, without comments: what the
// sources make of raw grey pictures.
func decodePGM(b []byte) (*image.Gray, error) {
	line, _, found := bytes.Cut(b[:min(len(b), 64)], []byte("\n"))
	var width, height, top int
	if n, err := fmt.Sscanf(string(line), "P5 %d %d %d", &width, &height, &top); !found || n != 3 || err != nil {
		return nil, errors.New("the PGM header is not \"P5 WIDTH HEIGHT 255\"")
	}
	if top != 255 {
		return nil, fmt.Errorf("a PGM with values up to %d; only 255 is read", top)
	}
	if err := checkSize(width, height); err != nil {
		return nil, err
	}
	pixels := b[len(line)+1:]
	if len(pixels) != width*height {
		return nil, fmt.Errorf("a PGM of %d×%d pixels holds %d bytes of them; it is cut short or damaged", width, height, len(pixels))
	}
	return &image.Gray{Pix: pixels, Stride: width, Rect: image.Rect(0, 0, width, height)}, nil
}
