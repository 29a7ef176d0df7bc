package codec

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"

	"atelier/internal/picture"
)

// fit crops the largest centred square of the picture, resizes it, and makes it upright. A picture
// of that size keeps its exact bytes.
func fit(src oriented, size int) *image.NRGBA {
	b := src.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	square := image.Rect(x, y, x+side, y+side)
	if side == size {
		return picture.NRGBA(picture.Turn(exact(src.Image, square), src.orientation))
	}
	// Resizing uses premultiplied colours, so that invisible ones do not bleed into their
	// neighbours.
	resized := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(resized, resized.Rect, src.Image, square, draw.Src, nil)
	return picture.NRGBA(picture.Turn(exact(resized, resized.Rect), src.orientation))
}

// exact copies a part of a picture without premultiplying.
func exact(src image.Image, part image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	for y := range part.Dy() {
		for x := range part.Dx() {
			c := color.NRGBAModel.Convert(src.At(part.Min.X+x, part.Min.Y+y)).(color.NRGBA)
			out.SetNRGBA(x, y, c)
		}
	}
	return out
}
