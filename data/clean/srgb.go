package clean

import (
	"image"

	"atelier/data"
	"atelier/internal/picture"
)

func init() {
	data.Cleaners.Add("srgb", "converts pictures to 8-bit sRGB (IEC 61966-2-1): from matrix profiles such as Display P3 and Adobe RGB, from CMYK and from 16 bits; other profiles are kept",
		func() data.Cleaner { return &SRGB{} })
}

// SRGB converts pictures to sRGB. If the profile is sRGB already, it is removed and the pixels
// stay.
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
		r.icc = nil // CMYK, which the pixels no longer are
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

// convert converts the pixels to sRGB and removes their profile.
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

// eightBits keeps the upper byte of 16-bit levels.
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
