package picture

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"pgregory.net/rapid"
)

// images are pictures of few colours or of many, grey, opaque or not.
var images = rapid.Custom(func(t *rapid.T) image.Image {
	w, h := rapid.IntRange(2, 40).Draw(t, "width"), rapid.IntRange(2, 40).Draw(t, "height")
	levels := rapid.SliceOfN(rapid.Byte(), 1, 12).Draw(t, "levels")
	at := rapid.IntRange(1, 97).Draw(t, "stride")
	kind := rapid.SampledFrom([]string{"grey", "opaque", "clear"}).Draw(t, "kind")
	grey, colour := image.NewGray(image.Rect(0, 0, w, h)), image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		v := func(k int) uint8 { return levels[(i*at+k*i/7+k)%len(levels)] }
		grey.Pix[i] = v(0)
		c := color.NRGBA{v(0), v(1), v(2), 255}
		if kind == "clear" {
			c.A = v(3)
		}
		colour.SetNRGBA(i%w, i/w, c)
	}
	if kind == "grey" {
		return grey
	}
	return colour
})

// PNG and WebP lose nothing, and the same picture gives the same bytes.
func TestEncodeLossless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		img := images.Draw(t, "picture")
		for _, format := range []Format{PNG, WebP} {
			file, err := format.Encode(img)
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := format.Encode(img); !bytes.Equal(file, again) {
				t.Fatalf("%s: other bytes the second time", format)
			}
			f, err := Open(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Decode()
			if err != nil {
				t.Fatal(err)
			}
			if want := NRGBA(img); f.Format != format || !sameVisible(want, NRGBA(got)) {
				t.Fatalf("%s: other pixels", format)
			}
		}
	})
}

// sameVisible does not look at the colour of what is wholly transparent.
func sameVisible(a, b *image.NRGBA) bool {
	if a.Rect.Size() != b.Rect.Size() {
		return false
	}
	for p := 0; p < len(a.Pix); p += 4 {
		if a.Pix[p+3] != b.Pix[p+3] || a.Pix[p+3] > 0 && !bytes.Equal(a.Pix[p:p+3], b.Pix[p:p+3]) {
			return false
		}
	}
	return true
}

func TestEncodeJPEG(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 16, 16)) // clear: white, once it is blended with white
	file, err := JPEG.Encode(img)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if c := NRGBA(got).NRGBAAt(3, 3); c.R < 250 || c.G < 250 || c.B < 250 || img.Pix[0] != 0 {
		t.Errorf("%v", c)
	}
	if _, err := PGM.Encode(img); err == nil {
		t.Error("wrote a PGM")
	}
}
