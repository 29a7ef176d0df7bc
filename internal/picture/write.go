package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"

	"github.com/HugoSmits86/nativewebp"
)

// leastWebP is the smallest supported number of pixels: the library fails on smaller black
// pictures.
const leastWebP = 4

// Most is the largest side of a picture in the format, in pixels.
func (f Format) Most() int {
	switch f {
	case JPEG, GIF:
		return 1<<16 - 1
	case WebP:
		return 1<<14 - 1
	}
	return math.MaxInt32
}

// Encode encodes a picture: PNG, JPEG of quality 95 blended with white, or lossless WebP, in the
// extended format, which has room for metadata. The same picture gives the same bytes on every
// machine.
func (f Format) Encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch f {
	case PNG:
		err = WritePNG(&b, img)
	case JPEG:
		if !opaque(img) {
			img = OnWhite(img)
		}
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: quality})
	case WebP:
		if size := img.Bounds().Size(); size.X*size.Y < leastWebP {
			return nil, fmt.Errorf("no WebP is written of %d×%d pixels", size.X, size.Y)
		}
		err = nativewebp.Encode(&b, img, &nativewebp.Options{UseExtendedFormat: true})
	default:
		err = fmt.Errorf("no pictures are written as %s", f)
	}
	return b.Bytes(), err
}

// OnWhite blends a picture with white.
func OnWhite(img image.Image) *image.NRGBA {
	out := NRGBA(img)
	out = &image.NRGBA{Pix: slices.Clone(out.Pix), Stride: out.Stride, Rect: out.Rect}
	for p := 0; p < len(out.Pix); p += 4 {
		c := White(color.NRGBA{out.Pix[p], out.Pix[p+1], out.Pix[p+2], out.Pix[p+3]})
		out.Pix[p], out.Pix[p+1], out.Pix[p+2], out.Pix[p+3] = c.R, c.G, c.B, c.A
	}
	return out
}

// White blends a colour with white.
func White(c color.NRGBA) color.NRGBA {
	a := uint32(c.A)
	over := func(v uint8) uint8 { return uint8((uint32(v)*a + 255*(255-a) + 127) / 255) }
	return color.NRGBA{over(c.R), over(c.G), over(c.B), 255}
}
