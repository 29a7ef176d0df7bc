package animation

import (
	"image"
	"image/draw"

	"atelier/internal/badinput"
	"atelier/internal/picture"
)

// MostPixels is the limit of the pixels of all frames that are held at a time.
const MostPixels = 128 << 20

// Fits refuses n frames of a size that together have more than [MostPixels].
func Fits(n int, size image.Point) error {
	if size.X > 0 && size.Y > 0 && n > MostPixels/size.X/size.Y {
		return badinput.Errorf("%d frames of %d×%d pixels are too many to hold; want at most %d megapixels in all", n, size.X, size.Y, MostPixels>>20)
	}
	return nil
}

// A part is a frame as a file holds it.
type part struct {
	still []byte          // the pixels of rect as a file by itself
	rect  image.Rectangle // place on the canvas
	over  bool            // it is blended with what is there, and does not replace it
	after disposal
}

// A disposal says what becomes of a frame before the next one is drawn.
type disposal int

const (
	stays    disposal = iota
	cleared           // its rectangle becomes transparent
	restored          // its rectangle becomes what it was before
)

// A canvas is what the frames are drawn on, one after the other.
type canvas struct {
	rect image.Rectangle
	now  image.Image // nil while it is transparent; never changed once it was shown
}

// show draws a frame and returns what is seen.
func (c *canvas) show(p part) (image.Image, error) {
	f, err := picture.Open(p.still)
	if err != nil {
		return nil, err
	}
	m, err := f.Decode()
	if err != nil {
		return nil, err
	}
	if m.Bounds().Size() != p.rect.Size() {
		return nil, badinput.Errorf("the animation is damaged: a frame has %v pixels, its header says %v", m.Bounds().Size(), p.rect.Size())
	}
	whole, seen := p.rect == c.rect, m
	if opaque, ok := m.(interface{ Opaque() bool }); !whole || p.over && c.now != nil && !(ok && opaque.Opaque()) {
		seen = c.with(m, p)
	}
	switch {
	case p.after == stays:
		c.now = seen
	case p.after == cleared && whole:
		c.now = nil
	case p.after == cleared:
		next := c.copyOf(seen)
		draw.Draw(next, p.rect, image.Transparent, image.Point{}, draw.Src)
		c.now = next
	}
	return seen, nil
}

// copyOf is a picture as one that may be changed.
func (c *canvas) copyOf(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(c.rect)
	if m != nil {
		from := picture.NRGBA(m)
		for y := range c.rect.Dy() {
			copy(out.Pix[y*out.Stride:][:out.Stride], from.Pix[y*from.Stride:])
		}
	}
	return out
}

// with is the canvas with a frame on it.
func (c *canvas) with(m image.Image, p part) *image.NRGBA {
	out, from := c.copyOf(c.now), picture.NRGBA(m)
	for y := range p.rect.Dy() {
		to := out.Pix[out.PixOffset(p.rect.Min.X, p.rect.Min.Y+y):][:4*p.rect.Dx()]
		row := from.Pix[y*from.Stride:][:len(to)]
		if !p.over {
			copy(to, row)
			continue
		}
		for i := 0; i < len(row); i += 4 {
			blend(to[i:i+4], row[i:i+4])
		}
	}
	return out
}

// blend lays a pixel over another (PNG, W3C 2025, 13.16).
func blend(to, p []uint8) {
	above, below := int(p[3]), int(to[3])
	switch {
	case above == 0:
	case above == 255 || below == 0:
		copy(to, p)
	default:
		all := above*255 + below*(255-above) // alpha × 255
		for k := range 3 {
			to[k] = uint8((int(p[k])*above*255 + int(to[k])*below*(255-above) + all/2) / all)
		}
		to[3] = uint8((all + 127) / 255)
	}
}
