package codec

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// fit crops the largest square from the middle of the picture, resizes it, and
// turns it upright. A picture that has the size already keeps its exact bytes.
func fit(src oriented, size int) *image.NRGBA {
	b := src.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	square := image.Rect(x, y, x+side, y+side)
	if side == size {
		return turn(exact(src.Image, square), src.orientation)
	}
	// Resizing works on premultiplied colours: what is transparent must not
	// bleed into its neighbours.
	resized := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(resized, resized.Rect, src.Image, square, draw.Src, nil)
	return turn(exact(resized, resized.Rect), src.orientation)
}

// exact copies a part of a picture without mixing in transparency.
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

// turn shows a square picture as its EXIF orientation asks.
func turn(src *image.NRGBA, orientation int) *image.NRGBA {
	if orientation == 1 {
		return src
	}
	size := src.Rect.Dx()
	out := image.NewNRGBA(src.Rect)
	for y := range size {
		for x := range size {
			out.SetNRGBA(x, y, src.NRGBAAt(stored(x, y, size-1, orientation)))
		}
	}
	return out
}

// stored returns where the pixel shown at x, y lies in the stored square.
func stored(x, y, last, orientation int) (int, int) {
	switch orientation {
	case 2:
		return last - x, y
	case 3:
		return last - x, last - y
	case 4:
		return x, last - y
	case 5:
		return y, x
	case 6:
		return y, last - x
	case 7:
		return last - y, last - x
	case 8:
		return last - y, x
	default:
		return x, y
	}
}
