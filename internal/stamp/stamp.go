// Package stamp draws the visible mark of generated pictures: a short text in a corner, as high as
// GB 45438-2025 asks for, 5 % of the shorter side.
package stamp

import (
	_ "embed"
	"image"
	"image/color"
	"image/draw"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"atelier/internal/badinput"
)

// Texts are the texts of the mark, by language. In China it must say "AI" or 人工智能, and that it
// was generated or synthesised.
var Texts = map[string]string{"en": "AI-generated", "zh": "AI生成"}

// Height is the least height of the capital letters as a share of the picture's shorter side.
const Height = 0.05

const (
	leastSize = 12   // of the letters, in pixels: smaller ones cannot be read
	capital   = 0.70 // height of a capital letter by the size; rather too little than too much
	margin    = 0.35 // around the text, by the size
)

// letters are those of the texts, cut out of Noto Sans CJK SC.
//
//go:embed mark.otf
var letters []byte

var parsed = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(letters) })

// A measure is that of the mark on a picture, in pixels.
type measure struct {
	face               font.Face
	size               float64 // of the letters
	gap, width, height int     // of the plate
}

// measured is the mark for a picture of a size. The error says how many pixels the picture needs if it has
// too few.
func measured(bounds image.Point, language string) (m measure, err error) {
	f, err := parsed()
	if err != nil {
		return m, err
	}
	m.size = max(leastSize, math.Ceil(Height*float64(min(bounds.X, bounds.Y))/capital))
	if m.face, err = opentype.NewFace(f, &opentype.FaceOptions{Size: m.size, DPI: 72}); err != nil {
		return m, err
	}
	m.gap = int(math.Ceil(margin * m.size))
	m.width, m.height = font.MeasureString(m.face, Texts[language]).Ceil()+2*m.gap, int(math.Ceil(m.size))+2*m.gap
	if m.width > bounds.X || m.height > bounds.Y {
		err = badinput.Errorf("the visible mark needs %d×%d pixels, the picture has %d×%d", m.width, m.height, bounds.X, bounds.Y)
	}
	return m, err
}

// Fits returns an error that says how many pixels a picture needs if one of a size in pixels is too small
// for the mark in a language of [Texts].
func Fits(size image.Point, language string) error {
	_, err := measured(size, language)
	return err
}

// Draw draws the mark in a language of [Texts] on a copy of a picture: white letters on a dark plate in
// the lower right corner. The error says how many pixels the picture needs if it has too few.
func Draw(img *image.NRGBA, language string) (*image.NRGBA, error) {
	bounds := img.Rect.Size()
	m, err := measured(bounds, language)
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(image.Rectangle{Max: bounds})
	for y := range bounds.Y { // draw.Draw loses the colours of clear pixels
		copy(out.Pix[y*out.Stride:][:out.Stride], img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y+y):])
	}
	plate := image.Rect(bounds.X-m.width, bounds.Y-m.height, bounds.X, bounds.Y)
	draw.Draw(out, plate, image.NewUniform(color.NRGBA{0, 0, 0, 160}), image.Point{}, draw.Over)
	base := plate.Max.Y - m.gap - int(math.Round(0.12*m.size)) // what hangs below the line
	d := font.Drawer{Dst: out, Src: image.White, Face: m.face, Dot: fixed.P(plate.Min.X+m.gap, base)}
	d.DrawString(Texts[language])
	return out, nil
}
