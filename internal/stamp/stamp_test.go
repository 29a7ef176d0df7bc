package stamp

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"testing"

	"atelier/internal/badinput"
)

// paper is a picture of one colour.
func paper(w, h int, c color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = [...]uint8{c.R, c.G, c.B, c.A}[i%4]
	}
	return out
}

// The letters are at least 5 % of the shorter side high, on any paper, and all else stays.
func TestDraw(t *testing.T) {
	for language := range Texts {
		for _, c := range []color.NRGBA{{255, 255, 255, 255}, {0, 0, 0, 255}, {200, 30, 90, 0}} {
			for _, size := range []image.Point{{128, 96}, {512, 512}, {300, 2000}, {3000, 700}} {
				plain := paper(size.X, size.Y, c)
				before := bytes.Clone(plain.Pix)
				got, err := Draw(plain, language)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(before, plain.Pix) {
					t.Fatal("the picture itself was changed")
				}
				ink := image.Rectangle{}
				for y := range size.Y {
					for x := range size.X {
						p := got.NRGBAAt(x, y)
						if p.R > 230 && p.G > 230 && p.B > 230 && p.A > 200 && (p != c || x > size.X/2 && y > size.Y*9/10 && c.R == 255 && got.NRGBAAt(size.X-1, y) != c) {
							ink = ink.Union(image.Rect(x, y, x+1, y+1))
						}
					}
				}
				if high := float64(ink.Dy()); high < Height*float64(min(size.X, size.Y)) || ink.Empty() {
					t.Errorf("%s on %v of %v: letters %v", language, c, size, ink)
				}
				if got.NRGBAAt(0, 0) != c || got.NRGBAAt(size.X-1, 0) != c || got.NRGBAAt(0, size.Y-1) != c {
					t.Errorf("%s on %v of %v: the other corners are not as they were", language, c, size)
				}
			}
		}
	}
}

func TestDrawTooSmall(t *testing.T) {
	for language := range Texts {
		if _, err := Draw(paper(28, 28, color.NRGBA{}), language); !errors.Is(err, badinput.Err) {
			t.Errorf("%s: %v", language, err)
		}
	}
}

// Every character of the texts has a letter.
func TestLetters(t *testing.T) {
	f, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range Texts {
		for _, r := range text {
			if i, err := f.GlyphIndex(nil, r); err != nil || i == 0 {
				t.Errorf("no letter for %q, error %v", r, err)
			}
		}
	}
}
