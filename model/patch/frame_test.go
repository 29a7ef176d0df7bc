package patch

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
)

// A plain frame is left out with what it shades, each side on its own; what is plain in a picture
// without one stays.
func TestUnframed(t *testing.T) {
	scan := meadow(120, 90)
	grey := image.NewUniform(color.NRGBA{98, 98, 98, 255})
	draw.Draw(scan, image.Rect(0, 0, 3, 90), grey, image.Point{}, draw.Src)
	draw.Draw(scan, image.Rect(0, 89, 120, 90), image.Black, image.Point{}, draw.Src)
	if size := Unframed(scan).Rect.Size(); size != image.Pt(120-3-frameSoft, 90-1-frameSoft) {
		t.Errorf("of 120×90 there remain %v", size)
	}
	if got, want := Unframed(scan).NRGBAAt(0, 0), scan.NRGBAAt(3+frameSoft, 0); got != want {
		t.Errorf("it begins with %v, want %v", got, want)
	}
	flat := meadow(120, 90)
	draw.Draw(flat, flat.Rect, grey, image.Point{}, draw.Src)
	wide := meadow(120, 90)
	draw.Draw(wide, image.Rect(0, 0, 120, 40), grey, image.Point{}, draw.Src)
	for name, img := range map[string]*image.NRGBA{"a meadow": meadow(120, 90), "one colour": flat, "a large plain sky": wide, "a small one": meadow(20, 20)} {
		if Unframed(img) != img {
			t.Errorf("%s is cut", name)
		}
	}
}
