package codec

import (
	"fmt"
	"image"
	"image/color"

	"atelier/data"
	"atelier/internal/picture"
)

// toPixels writes the picture as values in [-1, 1], row-major, with interleaved channels.
func toPixels(img *image.NRGBA, channels int, dst []float32) {
	at := 0
	for p := 0; p < len(img.Pix); p += 4 {
		c := color.NRGBA{img.Pix[p], img.Pix[p+1], img.Pix[p+2], img.Pix[p+3]}
		if channels < 4 {
			c = picture.White(c)
		}
		switch channels {
		case 1:
			dst[at] = value(color.GrayModel.Convert(c).(color.Gray).Y)
		case 3:
			dst[at], dst[at+1], dst[at+2] = value(c.R), value(c.G), value(c.B)
		case 4:
			dst[at], dst[at+1], dst[at+2], dst[at+3] = value(c.R), value(c.G), value(c.B), value(c.A)
		}
		at += channels
	}
}

// value maps a byte of a picture to [-1, 1].
func value(v uint8) float32 { return float32(v)/127.5 - 1 }

// level is the byte nearest to a value, the inverse of value.
func level(v float32) uint8 {
	x := (v+1)*127.5 + 0.5
	switch {
	case x >= 255:
		return 255
	case x > 0:
		return uint8(x)
	default: // below, or NaN
		return 0
	}
}

// toPicture makes an image of the pixels of a field with 1, 3 or 4 channels.
func toPicture(pixels []float32, f data.Field) (image.Image, error) {
	if f.Kind != data.Pixels || len(f.Shape) != 3 {
		return nil, fmt.Errorf("no picture can be made of %s", f)
	}
	bounds := image.Rect(0, 0, f.Shape[1], f.Shape[0])
	if f.Shape[2] == 1 {
		img := image.NewGray(bounds)
		for i, v := range pixels {
			img.Pix[i] = level(v)
		}
		return img, nil
	}
	img := image.NewNRGBA(bounds)
	channels := f.Shape[2]
	for i := range bounds.Dx() * bounds.Dy() {
		img.Pix[4*i+3] = 255
		for ch := range channels {
			img.Pix[4*i+ch] = level(pixels[channels*i+ch])
		}
	}
	return img, nil
}
