package clean

import (
	"image"

	"atelier/data"
	"atelier/internal/picture"
)

func init() {
	data.Cleaners.Add("srgb", "turns the colours of pictures into sRGB (IEC 61966-2-1) of 8 bits: from profiles of curves and a matrix such as Display P3 and Adobe RGB, from CMYK and from 16 bits; profiles of other kinds stay",
		func() data.Cleaner { return &SRGB{} })
}

// SRGB converts colour spaces. A profile that is sRGB's own is removed without touching
// the pixels.
type SRGB struct{}

// Clean implements [data.Cleaner].
func (*SRGB) Clean(p *data.Piece) error {
	r, err := decodedOf(p)
	if r == nil {
		return err
	}
	if r.icc != nil {
		if colours, err := picture.ParseProfile(r.icc); err == nil {
			r.convert(colours, p)
		}
	}
	switch img := r.pixels.(type) {
	case *image.CMYK:
		r.icc = nil // of inks, which are no longer there
		r.draw(picture.NRGBA(img))
		p.Change("CMYK to sRGB", 1)
	case *image.Gray16:
		r.draw(eightBits(img))
		p.Change("16 bits to 8", 1)
	case *image.RGBA64, *image.NRGBA64:
		r.draw(picture.NRGBA(img))
		p.Change("16 bits to 8", 1)
	}
	return nil
}

// convert turns the pixels into sRGB and forgets their profile.
func (r *raster) convert(colours *picture.Colours, p *data.Piece) {
	if colours.IsSRGB() {
		r.file, r.icc = r.file.Bare(), nil
		p.Change("profile of sRGB removed", 1)
		return
	}
	r.draw(colours.ToSRGB(r.pixels))
	r.icc = nil
	p.Change("colours to sRGB", 1)
}

// eightBits keeps the upper half of the levels.
func eightBits(img *image.Gray16) *image.Gray {
	size := img.Rect.Size()
	out := image.NewGray(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			out.Pix[y*out.Stride+x] = img.Pix[y*img.Stride+2*x]
		}
	}
	return out
}
