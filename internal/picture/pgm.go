package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"strconv"
)

// openPGM reads the header of a binary PGM of one byte a pixel, without comments: what
// the sources make of raw grey pictures.
func (f *File) openPGM() error {
	line, _, found := bytes.Cut(f.source[:min(len(f.source), 64)], []byte("\n"))
	words := bytes.Fields(line)
	if !found || len(words) != 4 {
		return errPGM
	}
	var numbers [3]int // width, height, value of white
	for i := range numbers {
		n, err := strconv.Atoi(string(words[1+i]))
		if err != nil {
			return errPGM
		}
		numbers[i] = n
	}
	if numbers[2] != 255 {
		return fmt.Errorf("a PGM with values up to %d; only 255 is read", numbers[2])
	}
	if err := f.setSize(numbers[0], numbers[1]); err != nil {
		return err
	}
	if n := len(f.source) - len(line) - 1; n != f.Width*f.Height {
		return fmt.Errorf("a PGM of %d×%d pixels holds %d bytes of them; it is cut short or damaged", f.Width, f.Height, n)
	}
	f.add(needed, f.source)
	return nil
}

var errPGM = errors.New(`the PGM header is not "P5 WIDTH HEIGHT 255"`)

// decodePGM returns the pixels without copying them.
func (f *File) decodePGM() *image.Gray {
	return &image.Gray{
		Pix:    f.source[len(f.source)-f.Width*f.Height:],
		Stride: f.Width, Rect: image.Rect(0, 0, f.Width, f.Height),
	}
}

// encodePGM writes a grey picture as PGM.
func encodePGM(img *image.Gray) []byte {
	size := img.Rect.Size()
	b := fmt.Appendf(nil, "P5 %d %d 255\n", size.X, size.Y)
	for y := range size.Y {
		b = append(b, img.Pix[y*img.Stride:][:size.X]...)
	}
	return b
}
