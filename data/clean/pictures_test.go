package clean

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/internal/picture"
)

func init() {
	works = append(works,
		pictureItem("png", "image/png", pngOf(scene(40, 30))),
		pictureItem("jpeg", "image/jpeg", jpegOf(scene(64, 48))),
		pictureItem("turned", "image/jpeg", turned(jpegOf(scene(64, 48)), 6)),
		pictureItem("cut", "image/jpeg", jpegOf(scene(64, 48))[:300]),
		pictureItem("pgm", "image/x-portable-graymap", append([]byte("P5 28 28 255\n"), bytes.Repeat([]byte{7}, 784)...)),
		pictureItem("clear", "image/png", pngOf(image.NewNRGBA(image.Rect(0, 0, 20, 20)))),
		pictureItem("long", "image/png", pngOf(scene(200, 3))),
		pictureItem("pixel", "image/png", pngOf(scene(1, 1))),
		pictureItem("deep", "image/png", pngOf(image.NewRGBA64(image.Rect(0, 0, 20, 20)))),
	)
}

func pictureItem(name, mediaType string, b []byte) data.Item {
	return data.Item{Name: name, MediaType: mediaType, Bytes: b}
}

// scene is a picture with sharp and soft edges.
func scene(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(255 * x / width), uint8(255 * y / height), uint8(x / 5 % 2 * 200), 255})
		}
	}
	return img
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func jpegOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// turned inserts an EXIF orientation into a JPEG.
func turned(jpg []byte, orientation uint16) []byte {
	exif := []byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	exif = append(binary.BigEndian.AppendUint16(exif, orientation), 0, 0, 0, 0, 0, 0)
	return append(append(append([]byte{}, jpg[:2]...), exif...), jpg[2:]...)
}

// TestDecisions checks decisions on pictures made by hand.
func TestDecisions(t *testing.T) {
	soft := image.NewGray(image.Rect(0, 0, 256, 256)) // a gradient has no edges
	for i := range soft.Pix {
		soft.Pix[i] = uint8(i % 256)
	}
	heart := image.NewNRGBA(image.Rect(0, 0, 32, 32)) // a white square on transparency
	for y := 8; y < 24; y++ {
		for x := 8; x < 24; x++ {
			heart.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
		}
	}
	dust := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range 40 {
		dust.Pix[i*200] = 255
	}
	for _, c := range []struct {
		cleaner data.Cleaner
		img     image.Image
		want    string
	}{
		{&Decodes{}, scene(20, 20), ""},
		{&Size{Width: 20, Height: 21, Megapixels: 1}, scene(20, 20), "too small"},
		{&Size{Width: 20, Height: 20, Megapixels: 1}, scene(20, 20), ""},
		{&Size{Width: 1, Height: 1, Megapixels: 1}, scene(1025, 1024), "too large"},
		{&Aspect{Most: 3}, scene(31, 10), "too long"},
		{&Aspect{Most: 3}, scene(10, 30), ""},
		{&Blank{Contrast: 8}, image.NewGray(image.Rect(0, 0, 30, 30)), "blank"},
		{&Blank{Contrast: 8}, dust, "blank"},
		{&Blank{Contrast: 8}, heart, ""},
		{&Blank{Contrast: 8}, scene(30, 30), ""},
		{&Blur{Sharpness: 20}, soft, "blurred"},
		{&Blur{Sharpness: 20}, scene(256, 256), ""},
	} {
		got := judge(t, c.cleaner, pictureItem("x", "image/png", pngOf(c.img)))
		if got.Drop.Reason != c.want {
			t.Errorf("%T on %v: %q, want %q (%s)", c.cleaner, c.img.Bounds().Max, got.Drop.Reason, c.want, got.Drop.Detail)
		}
	}
}

func TestUpright(t *testing.T) {
	for orientation := uint16(1); orientation <= 8; orientation++ {
		src := turned(jpegOf(scene(64, 48)), orientation)
		v := judge(t, &Upright{}, pictureItem("x", "image/jpeg", src))
		file, err := picture.Open(v.Item.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if tall := file.Height > file.Width; tall != (orientation >= 5) || file.Orientation() != 1 || v.Item.MediaType != "image/jpeg" {
			t.Errorf("orientation %d became %d, %d×%d, %s", orientation, file.Orientation(), file.Width, file.Height, v.Item.MediaType)
		}
		// Without upright, the orientation is kept.
		v = judge(t, &Anonymous{}, pictureItem("x", "image/jpeg", src))
		if file, err = picture.Open(v.Item.Bytes); err != nil || file.Orientation() != int(orientation) {
			t.Errorf("anonymous loses orientation %d", orientation)
		}
	}
}

func TestAlpha(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 9, 9))
	img.SetNRGBA(0, 0, color.NRGBA{0, 100, 200, 128})
	v := judge(t, &Alpha{On: "#ff0000"}, pictureItem("x", "image/png", pngOf(img)))
	got, err := png.Decode(bytes.NewReader(v.Item.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if c := color.NRGBAModel.Convert(got.At(0, 0)); c != (color.NRGBA{127, 50, 100, 255}) {
		t.Errorf("laid on red: %v", c)
	}
	if c := color.NRGBAModel.Convert(got.At(5, 5)); c != (color.NRGBA{255, 0, 0, 255}) {
		t.Errorf("nothing laid on red: %v", c)
	}
}

// pictureCleaners are the cleaners of single pictures, with their defaults.
func pictureCleaners() (all []data.Cleaner) {
	for _, name := range []string{"decodes", "upright", "anonymous", "alpha", "size", "aspect", "blank", "blur"} {
		c, err := data.Cleaners.New(name)
		if err != nil {
			panic(err)
		}
		all = append(all, c)
	}
	return all
}

// photo is a JPEG that takes as long to decode as a photo.
func photo(width, height int) []byte {
	img := scene(width, height)
	rng := noise.Stream(1)
	for i := range img.Pix {
		if i%4 != 3 {
			img.Pix[i] = uint8(min(255, int(img.Pix[i])*3/4+rng.IntN(30)))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func benchmarkCleaners(b *testing.B, it data.Item) {
	cleaners := pictureCleaners()
	near, _ := data.Cleaners.New("near-pictures")
	b.ReportAllocs()
	for b.Loop() {
		p := &data.Piece{Item: it}
		for _, c := range cleaners {
			if err := c.Clean(p); err != nil {
				b.Fatal(err)
			}
		}
		if c, ok := near.(data.Comparing); ok {
			c.Sketch(p)
		}
		(&Exact{}).Sketch(p)
		if err := p.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCleanSmallJPEG(b *testing.B) {
	benchmarkCleaners(b, pictureItem("x", "image/jpeg", photo(48, 48)))
}

func BenchmarkCleanMegapixel(b *testing.B) {
	benchmarkCleaners(b, pictureItem("x", "image/jpeg", photo(1152, 864)))
}

func BenchmarkDecodeMegapixel(b *testing.B) {
	src := photo(1152, 864)
	for b.Loop() {
		if _, err := jpeg.Decode(bytes.NewReader(src)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCleanFashion(b *testing.B) {
	pgm := []byte("P5 28 28 255\n")
	for i := range 784 {
		pgm = append(pgm, uint8(i*i/50))
	}
	benchmarkCleaners(b, pictureItem("x", "image/x-portable-graymap", pgm))
}
