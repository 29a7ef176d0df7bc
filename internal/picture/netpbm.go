package picture

import (
	"fmt"
	"image"
	"strconv"
	"strings"
)

// openNetpbm splits a Netpbm file: PBM, PGM or PPM, binary or plain. It has a header, possibly with
// comments, and pixels, possibly followed by another picture.
func (f *File) openNetpbm() error {
	h, err := readNetpbmHeader(f.source)
	if err != nil {
		return err
	}
	if err := f.setSize(h.width, h.height); err != nil {
		return err
	}
	if h.white < 1 || h.white > 65535 {
		return fmt.Errorf("a %s with values up to %d; 1 to 65535 are read", h.name(), h.white)
	}
	end := h.pixels + h.size()
	if h.plain() {
		end = h.samples(f.source, nil)
	}
	if n := len(f.source) - h.pixels; end > len(f.source) || end < 0 {
		return fmt.Errorf("a %s of %d×%d pixels holds %d bytes of them; it is cut short or damaged", h.name(), f.Width, f.Height, n)
	}
	at := 0
	for _, c := range h.comments {
		f.add(needed, f.source[at:c[0]])
		f.add(about, f.source[c[0]:c[1]])
		at = c[1]
	}
	f.add(needed, f.source[at:end])
	if rest := f.source[end:]; FormatOf(rest) == f.Format {
		f.add(later, rest)
	} else if len(rest) > 0 {
		f.add(about, rest)
	}
	if h.kind != '5' {
		f.memory = f.Width * f.Height * (2*h.channels() + 4)
	}
	return nil
}

// A netpbmHeader is the header of a file.
type netpbmHeader struct {
	kind                 byte // 1 to 3 for plain PBM, PGM and PPM, 4 to 6 for binary ones
	width, height, white int
	pixels               int      // their offset
	comments             [][2]int // their start and end
}

func (h *netpbmHeader) plain() bool { return h.kind <= '3' }

func (h *netpbmHeader) name() string {
	return strings.ToUpper(string(netpbmFormats[(h.kind-'1')%3]))
}

// netpbmFormats are the formats by kind.
var netpbmFormats = []Format{PBM, PGM, PPM}

// channels is the number of values per pixel.
func (h *netpbmHeader) channels() int {
	if h.kind == '3' || h.kind == '6' {
		return 3
	}
	return 1
}

// bytes is the number of bytes per value in a binary PGM or PPM.
func (h *netpbmHeader) bytes() int {
	if h.white > 255 {
		return 2
	}
	return 1
}

// size is the size of the pixels of a binary file, in bytes.
func (h *netpbmHeader) size() int {
	if h.kind == '4' {
		return (h.width + 7) / 8 * h.height
	}
	return h.width * h.height * h.channels() * h.bytes()
}

// formatOfNetpbm is the format of a Netpbm file, empty if it is none. Many files begin alike, so
// that all but a binary PGM must have a complete header.
func formatOfNetpbm(b []byte) Format {
	if len(b) < 3 || b[0] != 'P' || b[1] < '1' || b[1] > '6' || !isNetpbmSpace(b[2]) && b[2] != '#' {
		return ""
	}
	if b[1] != '5' {
		if _, err := readNetpbmHeader(b); err != nil {
			return ""
		}
	}
	return netpbmFormats[(b[1]-'1')%3]
}

// readNetpbmHeader reads three numbers, or two for a PBM, preceded by white space and comments, and
// the single white space after them.
func readNetpbmHeader(b []byte) (h netpbmHeader, err error) {
	h.kind, h.white = b[1], 1
	numbers := []*int{&h.width, &h.height, &h.white}
	white := " 255"
	if h.kind == '1' || h.kind == '4' {
		numbers, white = numbers[:2], ""
	}
	wrong := fmt.Errorf("the %s header is not \"P%c WIDTH HEIGHT%s\"", h.name(), h.kind, white)
	at := 2 // after the magic number
	for _, n := range numbers {
		if at = h.skip(b, at); at >= len(b) {
			return h, wrong
		}
		from := at
		for at < len(b) && !isNetpbmSpace(b[at]) && b[at] != '#' && at-from < 12 {
			at++
		}
		if *n, err = strconv.Atoi(string(b[from:at])); err != nil {
			return h, wrong
		}
	}
	if at < len(b) && b[at] == '#' { // up to the end of the line, which then is the white space
		at = h.comment(b, at)
	}
	if at >= len(b) || !isNetpbmSpace(b[at]) {
		return h, wrong
	}
	h.pixels = at + 1
	return h, nil
}

// skip skips white space and records comments, and returns the rest.
func (h *netpbmHeader) skip(b []byte, at int) int {
	for at < len(b) && (isNetpbmSpace(b[at]) || b[at] == '#') {
		if b[at] == '#' {
			at = h.comment(b, at)
		} else {
			at++
		}
	}
	return at
}

// comment records a comment, and returns the end of its line.
func (h *netpbmHeader) comment(b []byte, at int) int {
	from := at
	for at < len(b) && b[at] != '\n' && b[at] != '\r' {
		at++
	}
	h.comments = append(h.comments, [2]int{from, at})
	return at
}

func isNetpbmSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// samples reads the values of a plain file, into out unless it is nil, and records comments. It
// returns their end, or -1 if they are too few or mixed with something else.
func (h *netpbmHeader) samples(b []byte, out []uint16) int {
	at := h.pixels
	for i := range h.width * h.height * h.channels() {
		at = h.skip(b, at)
		from, v := at, 0
		for at < len(b) && b[at] >= '0' && b[at] <= '9' && v <= h.white && (h.kind != '1' || at == from) {
			v = 10*v + int(b[at]-'0')
			at++
		}
		if at == from || v > h.white {
			return -1
		}
		if out != nil {
			out[i] = uint16(v)
		}
	}
	return at
}

// values returns all values of the picture, pixel by pixel.
func (h *netpbmHeader) values(b []byte) func(i int) int {
	switch {
	case h.plain():
		all := make([]uint16, h.width*h.height*h.channels())
		h.samples(b, all)
		return func(i int) int { return int(all[i]) }
	case h.kind == '4':
		row := (h.width + 7) / 8
		return func(i int) int {
			x := i % h.width
			return int(b[h.pixels+i/h.width*row+x/8]) >> (7 - x%8) & 1
		}
	case h.bytes() == 2:
		return func(i int) int { return int(b[h.pixels+2*i])<<8 | int(b[h.pixels+2*i+1]) }
	}
	return func(i int) int { return int(b[h.pixels+i]) }
}

// decodeNetpbm returns the pixels, without copying those of a binary PGM whose maximum is 255.
func (f *File) decodeNetpbm() (image.Image, error) {
	b := f.Bytes()
	h, err := readNetpbmHeader(b)
	if err != nil {
		return nil, err
	}
	size := image.Rect(0, 0, f.Width, f.Height)
	if h.kind == '5' && h.white == 255 {
		return &image.Gray{Pix: b[h.pixels:][:f.Width*f.Height], Stride: f.Width, Rect: size}, nil
	}
	value := h.values(b)
	scaled := func(i int) byte {
		v := min(value(i), h.white)
		if f.Format == PBM { // in which 1 is black
			v = 1 - v
		}
		return byte((v*255 + h.white/2) / h.white)
	}
	if h.channels() == 1 {
		img := image.NewGray(size)
		for i := range img.Pix {
			img.Pix[i] = scaled(i)
		}
		return img, nil
	}
	img := image.NewNRGBA(size)
	for i := range f.Width * f.Height {
		copy(img.Pix[4*i:], []byte{scaled(3 * i), scaled(3*i + 1), scaled(3*i + 2), 255})
	}
	return img, nil
}

// encodePGM writes a grey picture as a binary PGM.
func encodePGM(img *image.Gray) []byte {
	size := img.Rect.Size()
	b := fmt.Appendf(nil, "P5 %d %d 255\n", size.X, size.Y)
	for y := range size.Y {
		b = append(b, img.Pix[y*img.Stride:][:size.X]...)
	}
	return b
}
