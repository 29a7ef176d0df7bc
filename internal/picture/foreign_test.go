package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

func bmpOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := bmp.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiffWith writes a picture with other or further values.
func tiffWith(t testing.TB, img image.Image, more ...tiffEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	p, err := readTIFF(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p.entries = slices.Insert(p.entries, 0, more...)
	return p.write()
}

// tiffOf writes a picture with an orientation and something told about it.
func tiffOf(t testing.TB, img image.Image, orientation byte) []byte {
	t.Helper()
	return tiffWith(t, img, tiffEntry{tagOrientation, 3, 1, []byte{orientation, 0}}, tiffEntry{270, 2, uint32(len(secret)), []byte(secret)})
}

// twoPages is a TIFF of which the second page is the first again.
func twoPages(t testing.TB) []byte {
	t.Helper()
	b := tiffOf(t, drawing(4, 4), 1)
	n := int(binary.LittleEndian.Uint16(b[8:]))
	binary.LittleEndian.PutUint32(b[10+12*n:], 8)
	return b
}

// What other programs write is read with the values it has.
func TestForeignFormats(t *testing.T) {
	deep := image.NewGray16(image.Rect(0, 0, 3, 1))
	deep.SetGray16(1, 0, color.Gray16{0x80ff})
	clear := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	clear.SetNRGBA(1, 0, color.NRGBA{200, 100, 50, 128})
	painted := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.Black, color.RGBA{1, 2, 3, 255}})
	painted.Pix[1] = 1
	for name, img := range map[string]image.Image{"colour": drawing(9, 7), "deep": deep, "clear": clear, "painted": painted, "grey": image.NewGray(image.Rect(0, 0, 5, 5))} {
		files := map[Format][]byte{TIFF: tiffOf(t, img, 1), BMP: bmpOf(t, drawing(9, 7))}
		for format, b := range files {
			f := mustOpen(t, b)
			got, err := f.Decode()
			if err != nil || f.Format != format {
				t.Errorf("%s as %s: %v", name, format, err)
				continue
			}
			want := img
			if format == BMP {
				want = drawing(9, 7)
			}
			if !bytes.Equal(NRGBA(got).Pix, NRGBA(want).Pix) {
				t.Errorf("%s as %s: other pixels", name, format)
			}
		}
	}
	for what, b := range map[string][]byte{
		"a TIFF with its colours one after another is not read; save it as PNG":       tiffWith(t, drawing(4, 4), tiffEntry{tagPlanar, 3, 1, []byte{2, 0}}),
		"a TIFF in CIE Lab is not read; save it as PNG":                               tiffWith(t, image.NewGray(image.Rect(0, 0, 4, 4)), tiffEntry{tagColours, 3, 1, []byte{8, 0}}),
		"a TIFF in the colours of print (CMYK) is not read; save it as PNG":           tiffWith(t, drawing(4, 4), tiffEntry{tagColours, 3, 1, []byte{5, 0}}),
		"a TIFF packed as JPEG is not read; save it as PNG, as with: magick FILE.tif": tiffWith(t, drawing(4, 4), tiffEntry{tagCompression, 3, 1, []byte{7, 0}}),
		"unsupported feature: color model":                                            tiffWith(t, image.NewGray(image.Rect(0, 0, 4, 4)), tiffEntry{tagColours, 3, 1, []byte{77, 0}}),
		"a BMP of a kind that is not read":                                            append([]byte("BM\x1a\x00\x00\x00\x00\x00\x00\x00\x1a\x00\x00\x00\x0c\x00\x00\x00"), make([]byte, 40)...),
	} {
		if _, err := Open(b); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %s", err, what)
		}
	}
}

// A PGM may have comments, line ends anywhere, and another white.
func TestPGMHeaders(t *testing.T) {
	for header, want := range map[string][]byte{
		"P5 2 1 255\n": {0, 255}, "P5\n2 1\n255\n": {0, 255}, "P5\n2\n1\n255\n": {0, 255}, "P5\r\n2\t1 255 ": {0, 255},
		"P5\n# made by a program\n2 1\n255\n": {0, 255}, "P5#a\n#b\n2#c\n1 # d\n255#e\n": {0, 255},
		"P5 2 1 15\n": {0, 15}, "P5 2 1 1\n": {0, 1}, "P5 2 1 65535\n": {0, 0, 255, 255}, "P5 2 1 300\n": {0, 0, 1, 44}, "P5 2 1 100\n": {0, 200},
	} {
		f := mustOpen(t, append([]byte(header), want...))
		img, err := f.Decode()
		if err != nil || !bytes.Equal(img.(*image.Gray).Pix, []byte{0, 255}) {
			t.Errorf("%q: %v, %v", header, img, err)
		}
		samePixels(t, f, mustOpen(t, f.Anonymous().Bytes()))
	}
	half := mustOpen(t, []byte("P5 3 1 2\n\x00\x01\x02"))
	if img, err := half.Decode(); err != nil || !bytes.Equal(img.(*image.Gray).Pix, []byte{0, 128, 255}) {
		t.Error(img, err)
	}
	for _, b := range []string{"P5", "P5 ", "P5 2", "P5 2 1 255", "P5 2 1 0\n\x00\x00", "P5 2 1 70000\n1234", "P5 2 1 255\n\x00", "P5 # no end", "P5 2 1 255#", "P5 2 1 65535\n123"} {
		if _, err := Open([]byte(b)); err == nil {
			t.Errorf("%q was read", b)
		}
	}
	if FormatOf([]byte("P500 is the price")) != "" || FormatOf([]byte("BMW is a car, and not a picture")) != "" {
		t.Error("a text is taken for a picture")
	}
}
