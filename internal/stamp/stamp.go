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

// Draw draws the mark in a language of [Texts] on a copy of a picture: white letters on a dark plate in
// the lower right corner. The error says how many pixels the picture needs if it has too few.
func Draw(img *image.NRGBA, language string) (*image.NRGBA, error) {
	f, err := parsed()
	if err != nil {
		return nil, err
	}
	bounds := img.Rect.Size()
	size := max(leastSize, math.Ceil(Height*float64(min(bounds.X, bounds.Y))/capital))
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return nil, err
	}
	text, gap := Texts[language], int(math.Ceil(margin*size))
	width, height := font.MeasureString(face, text).Ceil()+2*gap, int(math.Ceil(size))+2*gap
	if width > bounds.X || height > bounds.Y {
		return nil, badinput.Errorf("the visible mark needs %d×%d pixels, the picture has %d×%d", width, height, bounds.X, bounds.Y)
	}
	out := image.NewNRGBA(image.Rectangle{Max: bounds})
	for y := range bounds.Y { // draw.Draw loses the colours of clear pixels
		copy(out.Pix[y*out.Stride:][:out.Stride], img.Pix[img.PixOffset(img.Rect.Min.X, img.Rect.Min.Y+y):])
	}
	plate := image.Rect(bounds.X-width, bounds.Y-height, bounds.X, bounds.Y)
	draw.Draw(out, plate, image.NewUniform(color.NRGBA{0, 0, 0, 160}), image.Point{}, draw.Over)
	base := plate.Max.Y - gap - int(math.Round(0.12*size)) // what hangs below the line
	d := font.Drawer{Dst: out, Src: image.White, Face: face, Dot: fixed.P(plate.Min.X+gap, base)}
	d.DrawString(text)
	return out, nil
}
