package picture

import (
	"errors"
	"fmt"
	"image"
	"strconv"
)

// openPGM takes a binary PGM (Netpbm) apart: a header, which may hold comments, and the
// pixels, which may be followed by another picture.
func (f *File) openPGM() error {
	h, err := readPGMHeader(f.source)
	if err != nil {
		return err
	}
	if err := f.setSize(h.width, h.height); err != nil {
		return err
	}
	if h.white < 1 || h.white > 65535 {
		return fmt.Errorf("a PGM with values up to %d; 1 to 65535 are read", h.white)
	}
	end := h.pixels + f.Width*f.Height*h.bytes()
	if n := len(f.source) - h.pixels; end > len(f.source) {
		return fmt.Errorf("a PGM of %d×%d pixels holds %d bytes of them; it is cut short or damaged", f.Width, f.Height, n)
	}
	at := 0
	for _, c := range h.comments {
		f.add(needed, f.source[at:c[0]])
		f.add(about, f.source[c[0]:c[1]])
		at = c[1]
	}
	f.add(needed, f.source[at:end])
	if rest := f.source[end:]; FormatOf(rest) == PGM {
		f.add(later, rest)
	} else if len(rest) > 0 {
		f.add(about, rest)
	}
	return nil
}

// A pgmHeader is what stands before the pixels.
type pgmHeader struct {
	width, height, white int
	pixels               int      // where they begin
	comments             [][2]int // where they begin and end
}

// bytes is how many bytes a pixel takes.
func (h pgmHeader) bytes() int {
	if h.white > 255 {
		return 2
	}
	return 1
}

var errPGM = errors.New(`the PGM header is not "P5 WIDTH HEIGHT 255"`)

// readPGMHeader reads three numbers with white space and comments before them, and the
// one white space behind them.
func readPGMHeader(b []byte) (h pgmHeader, err error) {
	at := 2 // after P5
	for _, n := range []*int{&h.width, &h.height, &h.white} {
		if at = h.skipPGM(b, at); at >= len(b) {
			return h, errPGM
		}
		from := at
		for at < len(b) && !isPGMSpace(b[at]) && b[at] != '#' && at-from < 12 {
			at++
		}
		if *n, err = strconv.Atoi(string(b[from:at])); err != nil {
			return h, errPGM
		}
	}
	if at < len(b) && b[at] == '#' { // up to the line's end, which is the white space then
		at = h.comment(b, at)
	}
	if at >= len(b) || !isPGMSpace(b[at]) {
		return h, errPGM
	}
	h.pixels = at + 1
	return h, nil
}

// skipPGM skips white space and notes comments, and returns what follows.
func (h *pgmHeader) skipPGM(b []byte, at int) int {
	for at < len(b) && (isPGMSpace(b[at]) || b[at] == '#') {
		if b[at] == '#' {
			at = h.comment(b, at)
		} else {
			at++
		}
	}
	return at
}

// comment notes a comment, and returns the end of its line.
func (h *pgmHeader) comment(b []byte, at int) int {
	from := at
	for at < len(b) && b[at] != '\n' && b[at] != '\r' {
		at++
	}
	h.comments = append(h.comments, [2]int{from, at})
	return at
}

func isPGMSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// decodePGM returns the pixels, without copying them where white is 255.
func (f *File) decodePGM() (*image.Gray, error) {
	b := f.Bytes()
	h, err := readPGMHeader(b)
	if err != nil {
		return nil, err
	}
	img := &image.Gray{Pix: b[h.pixels:][:f.Width*f.Height*h.bytes()], Stride: f.Width, Rect: image.Rect(0, 0, f.Width, f.Height)}
	if h.white == 255 {
		return img, nil
	}
	raw := img.Pix
	img.Pix = make([]byte, f.Width*f.Height)
	for i := range img.Pix {
		v := int(raw[i*h.bytes()])
		if h.bytes() == 2 {
			v = v<<8 | int(raw[2*i+1])
		}
		img.Pix[i] = byte((min(v, h.white)*255 + h.white/2) / h.white)
	}
	return img, nil
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
