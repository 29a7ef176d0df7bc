package picture

import (
	"image"
	"image/color"
)

// NRGBA converts the pixels to 8-bit colours with non-premultiplied alpha. A picture of that type
// is returned as it is.
func NRGBA(img image.Image) *image.NRGBA {
	if same, ok := img.(*image.NRGBA); ok {
		return same
	}
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	at := colours(img)
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride:][:4*b.Dx()]
		for x := range b.Dx() {
			c := at(b.Min.X+x, b.Min.Y+y)
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = c.R, c.G, c.B, c.A
		}
	}
	return out
}

// colours returns a function that reads a picture's pixels.
func colours(img image.Image) func(x, y int) color.NRGBA {
	switch img := img.(type) {
	case *image.YCbCr:
		return func(x, y int) color.NRGBA {
			yi, ci := img.YOffset(x, y), img.COffset(x, y)
			r, g, b := color.YCbCrToRGB(img.Y[yi], img.Cb[ci], img.Cr[ci])
			return color.NRGBA{r, g, b, 255}
		}
	case *image.Gray:
		return func(x, y int) color.NRGBA {
			v := img.Pix[img.PixOffset(x, y)]
			return color.NRGBA{v, v, v, 255}
		}
	case *image.Paletted:
		var palette [256]color.NRGBA // indices may exceed the palette
		for i, c := range img.Palette {
			palette[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		return func(x, y int) color.NRGBA { return palette[img.Pix[img.PixOffset(x, y)]] }
	case *image.RGBA:
		return func(x, y int) color.NRGBA {
			p := img.Pix[img.PixOffset(x, y):]
			if p[3] == 255 {
				return color.NRGBA{p[0], p[1], p[2], 255}
			}
			return color.NRGBAModel.Convert(color.RGBA{p[0], p[1], p[2], p[3]}).(color.NRGBA)
		}
	case *image.NRGBA64:
		return func(x, y int) color.NRGBA {
			p := img.Pix[img.PixOffset(x, y):]
			return color.NRGBA{p[0], p[2], p[4], p[6]}
		}
	}
	return func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA) }
}

// Turn applies an EXIF orientation.
func Turn(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	if grey, ok := img.(*image.Gray); ok {
		width, height := turned(grey.Rect.Size(), orientation)
		out := image.NewGray(image.Rect(0, 0, width, height))
		for y := range height {
			for x := range width {
				u, v := stored(x, y, width-1, height-1, orientation)
				out.Pix[y*out.Stride+x] = grey.Pix[v*grey.Stride+u]
			}
		}
		return out
	}
	src := NRGBA(img)
	width, height := turned(src.Rect.Size(), orientation)
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			u, v := stored(x, y, width-1, height-1, orientation)
			copy(out.Pix[y*out.Stride+4*x:][:4], src.Pix[v*src.Stride+4*u:])
		}
	}
	return out
}

// turned is the size after applying an orientation.
func turned(size image.Point, orientation int) (width, height int) {
	if orientation >= 5 {
		return size.Y, size.X
	}
	return size.X, size.Y
}

// stored returns the position in the stored picture of the pixel shown at x, y; right and bottom
// are the last column and row of the shown picture.
func stored(x, y, right, bottom, orientation int) (int, int) {
	switch orientation {
	case 2:
		return right - x, y
	case 3:
		return right - x, bottom - y
	case 4:
		return x, bottom - y
	case 5:
		return y, x
	case 6:
		return y, right - x
	case 7:
		return bottom - y, right - x
	case 8:
		return bottom - y, x
	default:
		return x, y
	}
}
