package app

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// A lettering writes lines of text on pictures, in Liberation Sans.
type lettering struct {
	face   font.Face
	height int // of a line, in pixels
	base   int // of the letters, from above
}

var sans = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(liberationsansregular.TTF) })

// newLettering returns letters of a size in pixels.
func newLettering(size float64) (*lettering, error) {
	f, err := sans()
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, err
	}
	m := face.Metrics()
	return &lettering{face, (m.Ascent + m.Descent).Ceil(), m.Ascent.Ceil()}, nil
}

// has reports whether there is a letter for every character of a text.
func (l *lettering) has(text string) bool {
	f, err := sans()
	if err != nil {
		return false
	}
	for _, r := range text {
		if i, err := f.GlyphIndex(nil, r); err != nil || i == 0 {
			return false
		}
	}
	return true
}

// fitted is a text cut to a width in pixels, with an ellipsis where it was cut, on one line.
func (l *lettering) fitted(text string, width int) string {
	text = strings.Join(strings.Fields(text), " ")
	if font.MeasureString(l.face, text).Ceil() <= width {
		return text
	}
	letters := []rune(text)
	low, high := 0, len(letters) // the most that fits
	for low < high {
		mid := (low + high + 1) / 2
		if font.MeasureString(l.face, string(letters[:mid])+"…").Ceil() <= width {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return strings.TrimSpace(string(letters[:low])) + "…"
}

// centred writes a line in the middle of a strip that begins at a point and has a width.
func (l *lettering) centred(dst draw.Image, at image.Point, width int, text string, ink color.Color) {
	text = l.fitted(text, width)
	left := at.X + max(0, width-font.MeasureString(l.face, text).Ceil())/2
	d := font.Drawer{Dst: dst, Src: image.NewUniform(ink), Face: l.face, Dot: fixed.P(left, at.Y+l.base)}
	d.DrawString(text)
}

// inkOn is black or white, whichever is read better on a colour.
func inkOn(paper color.NRGBA) color.NRGBA {
	if paper.A > 0 && 299*int(paper.R)+587*int(paper.G)+114*int(paper.B) < 128000 {
		return color.NRGBA{240, 240, 240, 255}
	}
	return color.NRGBA{30, 30, 30, 255}
}
