package app

import (
	"image"
	"image/color"
	"image/draw"

	scaling "golang.org/x/image/draw"
)

// filledWith is a picture of one colour.
func filledWith(c color.NRGBA, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: size})
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return out
}

// cut is a part of a picture, as a picture of its own.
func cut(img *image.NRGBA, part image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: part.Size()})
	draw.Draw(out, out.Rect, img, part.Min, draw.Src)
	return out
}

// covering is a picture in another size, its middle where the shape is another.
func covering(img *image.NRGBA, size image.Point) *image.NRGBA {
	part := img.Rect.Size()
	if part.X*size.Y > part.Y*size.X {
		part.X = max(1, part.Y*size.X/size.Y)
	} else {
		part.Y = max(1, part.X*size.Y/size.X)
	}
	at := img.Rect.Size().Sub(part).Div(2)
	out := image.NewNRGBA(image.Rectangle{Max: size})
	scaling.CatmullRom.Scale(out, out.Rect, img, image.Rectangle{at, at.Add(part)}, draw.Src, nil)
	return out
}

// over is a picture with another, which may be transparent, laid on it at a place. Colours are
// mixed as they are stored, as every program does.
func over(below, above *image.NRGBA, at image.Point) *image.NRGBA {
	out := image.NewNRGBA(below.Rect)
	copy(out.Pix, below.Pix)
	draw.Draw(out, above.Rect.Add(at), above, above.Rect.Min, draw.Over)
	return out
}
