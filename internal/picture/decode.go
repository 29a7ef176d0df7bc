package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Decode decodes the picture, or the first frame of an animation, without applying its orientation.
// The pixels may share memory with the file and must not be changed.
func (f *File) Decode() (image.Image, error) {
	r := bytes.NewReader(f.Bytes())
	var img image.Image
	var err error
	switch f.Format {
	case PBM, PGM, PPM:
		return f.decodeNetpbm()
	case JPEG:
		img, err = jpeg.Decode(r)
	case PNG:
		img, err = png.Decode(r)
	case WebP:
		if f.has(later) {
			r.Reset(f.Still().Bytes())
		}
		if img, err = webp.Decode(r); err == nil {
			img = fromVideo(img)
		}
	case GIF:
		img, err = gif.Decode(r)
	case BMP:
		img, err = bmp.Decode(r)
	case TIFF:
		r.Reset(f.Still().Anonymous().Bytes())
		if img, err = tiff.Decode(r); err != nil {
			return nil, tiffError(err)
		}
		if grey, ok := img.(*image.Gray); ok && f.reversed {
			for i := range grey.Pix {
				grey.Pix[i] = ^grey.Pix[i]
			}
		}
	}
	if err != nil {
		return nil, damaged("%w", err)
	}
	if img.Bounds().Empty() {
		return nil, damaged("it has no pixels")
	}
	return onCanvas(img, image.Rect(0, 0, f.Width, f.Height)), nil
}

// onCanvas places a first frame that is smaller than its picture on a transparent canvas.
func onCanvas(img image.Image, size image.Rectangle) image.Image {
	frame, ok := img.(*image.Paletted)
	if !ok || img.Bounds() == size {
		return img
	}
	palette := append(color.Palette{color.Transparent}, frame.Palette...)
	if len(palette) <= 256 {
		out := image.NewPaletted(size, palette)
		for y := frame.Rect.Min.Y; y < frame.Rect.Max.Y; y++ {
			for x := frame.Rect.Min.X; x < frame.Rect.Max.X; x++ {
				out.SetColorIndex(x, y, frame.ColorIndexAt(x, y)+1)
			}
		}
		return out
	}
	out := image.NewNRGBA(size)
	draw.Draw(out, frame.Rect, frame, frame.Rect.Min, draw.Src)
	return out
}
