package app

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

const (
	captionHeight = 18 // pixels
	captionBase   = 13 // of the letters, from above
	captionGap    = 12 // between pictures side by side
)

// captioned returns a picture with a line of text above it.
func captioned(img image.Image, text string) *image.NRGBA {
	face := basicfont.Face7x13
	size := img.Bounds().Size()
	out := white(max(size.X, font.MeasureString(face, text).Ceil()+2), size.Y+captionHeight)
	draw.Draw(out, image.Rect(0, captionHeight, size.X, captionHeight+size.Y), img, img.Bounds().Min, draw.Src)
	d := font.Drawer{Dst: out, Src: image.Black, Face: face, Dot: fixed.P(2, captionBase)}
	d.DrawString(text)
	return out
}

// across joins pictures horizontally.
func across(all ...*image.NRGBA) *image.NRGBA {
	width, height := -captionGap, 0
	for _, m := range all {
		width, height = width+m.Rect.Dx()+captionGap, max(height, m.Rect.Dy())
	}
	out := white(width, height)
	at := 0
	for _, m := range all {
		draw.Draw(out, m.Rect.Add(image.Pt(at, 0)), m, image.Point{}, draw.Src)
		at += m.Rect.Dx() + captionGap
	}
	return out
}

// down joins pictures vertically.
func down(all ...*image.NRGBA) *image.NRGBA {
	width, height := 0, 0
	for _, m := range all {
		width, height = max(width, m.Rect.Dx()), height+m.Rect.Dy()
	}
	out := white(width, height)
	at := 0
	for _, m := range all {
		draw.Draw(out, m.Rect.Add(image.Pt(0, at)), m, image.Point{}, draw.Src)
		at += m.Rect.Dy()
	}
	return out
}

func white(width, height int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	return out
}

func encodePNG(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}
