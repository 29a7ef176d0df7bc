package codec

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"atelier/data"
	"atelier/internal/picture"
)

// encodeOne returns the only row that the codec makes of the bytes.
func encodeOne(c data.Codec, b []byte) ([]float32, error) {
	spec, err := c.Spec(nil)
	if err != nil {
		return nil, err
	}
	batch := data.NewBatch(spec, 1)
	err = c.Encode(data.ExampleOf(data.Item{Name: "x", Bytes: b}), batch, 0)
	return batch.Column(data.Target).Floats, err
}

func pngOf(t interface{ Fatal(...any) }, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBytesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Image{Size: 8, Channels: rapid.SampledFrom([]int{1, 3, 4}).Draw(t, "channels")}
		levels := rapid.SliceOfN(rapid.Byte(), 64*c.Channels, 64*c.Channels).Draw(t, "pixels")
		spec, err := c.Spec(nil)
		if err != nil {
			t.Fatal(err)
		}
		b := data.NewBatch(spec, 1)
		for i, v := range levels {
			b.Column(data.Target).Floats[i] = value(v)
		}
		it, err := c.Decode(b, 0)
		if err != nil {
			t.Fatal(err)
		}
		back, err := encodeOne(c, it.Bytes)
		if err != nil || !slices.Equal(back, b.Column(data.Target).Floats) {
			t.Fatal("the pixels changed", err)
		}
	})
}

func TestLevel(t *testing.T) {
	for v := range 256 {
		if got := level(value(uint8(v))); int(got) != v {
			t.Errorf("%d became %d", v, got)
		}
	}
	for v, want := range map[float32]uint8{-2: 0, 2: 255, 0: 128, float32(math.NaN()): 0, float32(math.Inf(1)): 255} {
		if got := level(v); got != want {
			t.Errorf("level(%g) = %d, want %d", v, got, want)
		}
	}
}

// quarters is a picture whose quarters have four colours, so that it shows
// which way up it is: red, green / blue, grey.
func quarters(size int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	colours := [2][2]color.NRGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {128, 128, 128, 255}}}
	for y := range size {
		for x := range size {
			img.SetNRGBA(x, y, colours[2*y/size][2*x/size])
		}
	}
	return img
}

// corners names the colours of the four quarters of an encoded picture.
func corners(pixels []float32, size int) string {
	var out strings.Builder
	for _, at := range []image.Point{{1, 1}, {size - 2, 1}, {1, size - 2}, {size - 2, size - 2}} {
		p := pixels[(at.Y*size+at.X)*3:][:3]
		switch {
		case p[0] > .5:
			out.WriteByte('R')
		case p[1] > .5:
			out.WriteByte('G')
		case p[2] > .5:
			out.WriteByte('B')
		default:
			out.WriteByte('-')
		}
	}
	return out.String()
}

// withOrientation puts an EXIF block with nothing but the orientation into a JPEG.
func withOrientation(jpg []byte, orientation uint16) []byte {
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	exif = binary.BigEndian.AppendUint16(exif, orientation)
	exif = append(exif, 0, 0, 0, 0, 0, 0)
	out := append([]byte{}, jpg[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	return append(append(out, exif...), jpg[2:]...)
}

func jpegOf(t interface{ Fatal(...any) }, img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOrientation(t *testing.T) {
	jpg := jpegOf(t, quarters(64))
	// What each orientation makes of RG / B-, from the EXIF standard (CIPA DC-008).
	for o, want := range []string{1: "RGB-", 2: "GR-B", 3: "-BGR", 4: "B-RG", 5: "RBG-", 6: "BR-G", 7: "-GBR", 8: "G-RB"} {
		if o == 0 {
			continue
		}
		pixels, err := encodeOne(&Image{Size: 16, Channels: 3}, withOrientation(jpg, uint16(o)))
		if got := corners(pixels, 16); err != nil || got != want {
			t.Errorf("orientation %d shows %s, want %s (%v)", o, got, want, err)
		}
	}
}

func TestCropsTheMiddle(t *testing.T) {
	wide := image.NewGray(image.Rect(0, 0, 30, 10))
	for y := range 10 {
		for x := 10; x < 20; x++ {
			wide.SetGray(x, y, color.Gray{255})
		}
	}
	for _, size := range []int{10, 5, 40} {
		pixels, err := encodeOne(&Image{Size: size, Channels: 1}, pngOf(t, wide))
		if err != nil || slices.Min(pixels) < 0.99 {
			t.Errorf("size %d: the middle is not white: %v %v", size, slices.Min(pixels), err)
		}
	}
}

func TestTransparencyIsWhite(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	clear.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 128})
	pixels, err := encodeOne(&Image{Size: 8, Channels: 3}, pngOf(t, clear))
	if err != nil || pixels[0] != 1 || pixels[1] != value(127) || pixels[3] != 1 {
		t.Error(pixels[:6], err)
	}
}

func TestFormats(t *testing.T) {
	var animated bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.White, color.Black})
	if err := gif.Encode(&animated, frame, nil); err != nil {
		t.Fatal(err)
	}
	white := append([]byte("P5 8 8 255\n"), bytes.Repeat([]byte{255}, 64)...)
	// The smallest lossy WebP there is: one pixel.
	webp, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encodeOne(&Image{Size: 8, Channels: 1}, webp); err != nil {
		t.Error("webp:", err)
	}
	for name, b := range map[string][]byte{"gif": animated.Bytes(), "pgm": white, "png": pngOf(t, frame), "jpeg": jpegOf(t, frame)} {
		pixels, err := encodeOne(&Image{Size: 8, Channels: 1}, b)
		if err != nil || slices.Min(pixels) < 0.98 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// hugePNG is nothing but the header of a PNG.
func hugePNG(width, height uint32) []byte {
	chunk := []byte("IHDR")
	chunk = binary.BigEndian.AppendUint32(chunk, width)
	chunk = binary.BigEndian.AppendUint32(chunk, height)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

func TestRefusesPictures(t *testing.T) {
	whole := pngOf(t, quarters(64))
	for want, b := range map[string][]byte{
		"a picture of 60000×60000 pixels is too large; at most 64 megapixels are read":                hugePNG(60_000, 60_000),
		"the picture is cut short or damaged (the chunk at byte 33 ends after the file)":              whole[:len(whole)/2],
		"not a picture that can be read; there are PNG, JPEG, GIF, WebP, BMP, TIFF, PBM, PGM and PPM": []byte("Dear diary"),
		"a PGM of 8×8 pixels holds 3 bytes of them; it is cut short or damaged":                       []byte("P5 8 8 255\nabc"),
		"a picture of 60000×60000 pixels is too large; at most 64 megapixels":                         []byte("P5 60000 60000 255\n"),
		`the PGM header is not "P5 WIDTH HEIGHT 255"`:                                                 []byte("P5 x"),
		"a picture of -4×8 pixels": []byte("P5 -4 8 255\n"),
	} {
		_, err := encodeOne(&Image{Size: 8, Channels: 3}, b)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func FuzzPicture(f *testing.F) {
	small := quarters(8)
	f.Add(pngOf(f, small))
	f.Add(jpegOf(f, small))
	f.Add(withOrientation(jpegOf(f, small), 6))
	f.Add(hugePNG(60_000, 60_000))
	f.Add([]byte("P5 2 2 255\nabcd"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(b)); err == nil && config.Width*config.Height > 1<<20 && config.Width*config.Height <= picture.MaxPixels {
			t.Skip("large, though allowed")
		}
		pixels, err := encodeOne(&Image{Size: 8, Channels: 4}, b)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %v", err)
		}
		for _, v := range pixels {
			if !(v >= -1 && v <= 1) {
				t.Fatal(fmt.Sprint("outside the range: ", v))
			}
		}
	})
}
