package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image/color"
	"slices"

	"golang.org/x/image/bmp"
)

// bmpHeaders are the valid sizes of the header after the file header.
var bmpHeaders = []uint32{12, 16, 40, 52, 56, 64, 108, 124}

// isBMP reports whether a file begins as a BMP; the two-letter magic number alone also occurs in
// texts.
func isBMP(b []byte) bool {
	return len(b) >= 18 && string(b[:2]) == "BM" && slices.Contains(bmpHeaders, binary.LittleEndian.Uint32(b[14:]))
}

// openBMP splits a BMP into the picture and what follows it.
func (f *File) openBMP() error {
	c, err := bmp.DecodeConfig(bytes.NewReader(f.source))
	switch {
	case errors.Is(err, bmp.ErrUnsupported):
		return errBMP
	case err != nil:
		return damaged("%w", err)
	}
	if err := f.setSize(c.Width, c.Height); err != nil {
		return err
	}
	at, bits := int64(binary.LittleEndian.Uint32(f.source[10:])), int64(binary.LittleEndian.Uint16(f.source[28:]))
	end := at + (int64(f.Width)*bits+31)/32*4*int64(f.Height)
	if end > int64(len(f.source)) {
		return damaged("its pixels end after the file")
	}
	f.memory = 4 * f.Width * f.Height
	if _, ok := c.ColorModel.(color.Palette); ok {
		f.memory = f.Width * f.Height
	}
	f.add(needed, f.source[:end])
	if end < int64(len(f.source)) {
		f.add(about, f.source[end:])
	}
	return nil
}

var errBMP = errors.New("a BMP of a kind that is not read: it is compressed, or has 16 bits a pixel; save it as PNG")
