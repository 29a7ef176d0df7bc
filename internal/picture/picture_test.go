package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"

	"atelier/internal/pngchunk"
)

// drawing is a picture without symmetry.
func drawing(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(5 * x), uint8(7 * y), uint8(x * y), 255})
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gifOf is an animation of frames of which the first is black.
func gifOf(t testing.TB, frames int) []byte {
	t.Helper()
	movie := &gif.GIF{}
	for i := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, 9, 7), color.Palette{color.Black, color.White})
		frame.Pix[0] = uint8(min(i, 1))
		movie.Image, movie.Delay = append(movie.Image, frame), append(movie.Delay, 5)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, movie); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// onePixel is the smallest lossy WebP there is.
func onePixel() []byte {
	b, _ := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=")
	return b
}

// secret is what must not be left in an anonymous file.
const secret = "GPS 52.5163 13.3777"

// told returns files of each format with something told in each place that there is.
func told(t testing.TB) map[Format][]byte {
	exifData := append(orientationExif(6), secret...)
	j := jpegOf(t, drawing(20, 10))
	var segments []byte
	segments = appendSegment(segments, markAPP0, append([]byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x02\x02"), secret...))
	segments = appendSegment(segments, markEXIF, append([]byte(exifName), exifData...))
	segments = appendSegment(segments, markEXIF, []byte("http://ns.adobe.com/xap/1.0/\x00"+secret))
	segments = appendSegment(segments, 0xed, []byte("Photoshop 3.0\x00"+secret))
	segments = appendSegment(segments, markRemark, []byte(secret))
	j = append(append(append([]byte{}, j[:2]...), segments...), j[2:]...)

	p := pngOf(t, drawing(20, 10))
	var chunks []byte
	for _, name := range []string{"tEXt", "zTXt", "iTXt", "tIME", "prIv"} {
		chunks = append(chunks, pngchunk.Append(nil, name, []byte(secret))...)
	}
	chunks = append(chunks, pngchunk.Append(nil, "eXIf", exifData)...)
	p = append(append(append([]byte{}, p[:33]...), chunks...), p[33:]...)

	g := gifOf(t, 3)
	remark := append([]byte{'!', 0xfe, byte(len(secret))}, secret...)
	g = append(append(append([]byte{}, g[:len(g)-1]...), append(remark, 0)...), ';')

	w := onePixel()[12:]
	header := make([]byte, 10)
	header[0] = webpEXIF | webpXMP
	w = append(append(webpChunk("VP8X", header), w...), webpChunk("EXIF", exifData)...)
	w = riff(append(w, webpChunk("XMP ", []byte(secret))...))
	return map[Format][]byte{
		JPEG: append(j, secret...), PNG: append(p, secret...), GIF: append(g, secret...), WebP: w,
		BMP: append(bmpOf(t, drawing(20, 10)), secret...), TIFF: append(tiffOf(t, drawing(20, 10), 6), secret...),
		PGM: append([]byte("P5\n# "+secret+"\n2 # "+secret+"\r\n1\n255\n\x01\xfe"), secret...),
	}
}

func TestAnonymous(t *testing.T) {
	for format, b := range told(t) {
		f := mustOpen(t, b)
		if f.Format != format {
			t.Errorf("%s: taken for %s", format, f.Format)
		}
		anonymous := f.Anonymous().Bytes()
		if bytes.Contains(anonymous, []byte("GPS")) || !bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s: still says where it was taken", format)
		}
		again := mustOpen(t, anonymous)
		if again.Anonymous() != again {
			t.Errorf("%s: is not taken for anonymous", format)
		}
		if again.Orientation() != f.Orientation() || turns(format) && f.Orientation() != 6 {
			t.Errorf("%s: orientation %d became %d", format, f.Orientation(), again.Orientation())
		}
		samePixels(t, f, again)
	}
}

// turns says whether files of the format can say how they are to be turned.
func turns(f Format) bool { return f != GIF && f != BMP && f != PGM }

func TestStill(t *testing.T) {
	// An animated WebP of two frames, each of which is the same.
	frame := append(make([]byte, 16), onePixel()[12:]...)
	chunks := webpChunk("VP8X", []byte{webpAnimated, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	chunks = append(chunks, webpChunk("ANIM", make([]byte, 6))...)
	chunks = append(append(chunks, webpChunk("ANMF", frame)...), webpChunk("ANMF", frame)...)
	p := pngOf(t, drawing(4, 4))
	p = append(append(append([]byte{}, p[:33]...), pngchunk.Append(nil, "acTL", make([]byte, 8))...), p[33:]...)
	for format, b := range map[Format][]byte{GIF: gifOf(t, 3), WebP: riff(chunks), PNG: p, TIFF: twoPages(t), PGM: []byte("P5 1 1 255\naP5 1 1 255\nb")} {
		f := mustOpen(t, b)
		still := mustOpen(t, f.Still().Bytes())
		if !f.Animated() || still.Animated() {
			t.Errorf("%s: animated %t, then %t", format, f.Animated(), still.Animated())
		}
		samePixels(t, f, still)
	}
}

func TestProfileSurvives(t *testing.T) {
	icc := bytes.Repeat([]byte("profile "), 20_000) // in a JPEG three segments
	for _, b := range [][]byte{jpegOf(t, drawing(9, 9)), pngOf(t, drawing(9, 9))} {
		f, err := mustOpen(t, b).Redraw(drawing(8, 8), 3, icc)
		if err != nil {
			t.Fatal(err)
		}
		again := mustOpen(t, f.Bytes())
		if !bytes.Equal(again.Profile(), icc) || again.Orientation() != 3 || again.Width != 8 {
			t.Errorf("%s: profile of %d bytes, orientation %d", f.Format, len(again.Profile()), again.Orientation())
		}
		if bare := mustOpen(t, again.Bare().Bytes()); bare.Profile() != nil || bare.Orientation() != 3 {
			t.Errorf("%s: the profile stays", f.Format)
		}
	}
}

func mustOpen(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// samePixels compares what two files decode to.
func samePixels(t testing.TB, a, b *File) {
	t.Helper()
	x, err := a.Decode()
	if err != nil {
		t.Error(err)
		return
	}
	y, err := b.Decode()
	if err != nil || x.Bounds() != y.Bounds() {
		t.Error("does not decode as before", err)
		return
	}
	for v := range x.Bounds().Dy() {
		for u := range x.Bounds().Dx() {
			if x.At(u, v) != y.At(u, v) {
				t.Errorf("%s: another colour at %d, %d", a.Format, u, v)
				return
			}
		}
	}
}

// hostile are files that claim more than they hold.
func hostile(t testing.TB) map[string][]byte {
	claim := func(b []byte, at int, order binary.AppendByteOrder, side uint32, size int) []byte {
		b = append([]byte{}, b...)
		for i := range 2 {
			var n []byte
			if size == 2 {
				n = order.AppendUint16(nil, uint16(side))
			} else {
				n = order.AppendUint32(nil, side)
			}
			copy(b[at+i*size:], n)
		}
		return b
	}
	j, p := jpegOf(t, drawing(16, 16)), pngOf(t, drawing(16, 16))
	frame := bytes.Index(j, []byte{0xff, 0xc0})
	scan := bytes.Index(j, []byte{0xff, 0xda})
	scans := append([]byte{}, j[:len(j)-2]...)
	for range 5000 {
		scans = append(scans, j[scan:scan+14]...)
	}
	deep := pngOf(t, image.NewNRGBA64(image.Rect(0, 0, 8, 8)))
	deep[28] = 1 // interlaced
	return map[string][]byte{
		"jpeg 65000":    claim(j, frame+5, binary.BigEndian, 65000, 2),
		"jpeg 8000":     claim(j, frame+5, binary.BigEndian, 8000, 2),
		"jpeg scans":    append(scans, 0xff, markEnd),
		"png 8000":      claim(p, 16, binary.BigEndian, 8000, 4),
		"png negative":  claim(p, 16, binary.BigEndian, 1<<32-1, 4),
		"png 60000":     claim(p, 16, binary.BigEndian, 60000, 4),
		"png deep":      append(claim(deep, 16, binary.BigEndian, 8000, 4), make([]byte, 1<<20)...),
		"gif 60000":     claim(gifOf(t, 1), 6, binary.LittleEndian, 60000, 2),
		"webp 16000":    claim(onePixel(), 26, binary.LittleEndian, 16000, 2),
		"pgm":           []byte("P5 8000 8000 255\n"),
		"pgm negative":  []byte("P5 -1 -1 255\n"),
		"webp alpha":    riff(append(webpChunk("VP8X", []byte{webpAlpha, 0, 0, 0, 0, 0x40, 0, 0, 0x40, 0}), append(webpChunk("ALPH", []byte{0, 1}), onePixel()[12:]...)...)),
		"webp too long": append([]byte("RIFF\xff\xff\xff\xffWEBP"), onePixel()[12:]...),
		"magic":         []byte("\xff\xd8\xff"),
		"bmp 8000":      claim(bmpOf(t, drawing(16, 16)), 18, binary.LittleEndian, 8000, 4),
		"bmp negative":  claim(bmpOf(t, drawing(16, 16)), 18, binary.LittleEndian, 1<<32-1, 4),
		"tiff 60000":    tiffWith(t, drawing(16, 16), tiffEntry{tagWidth, 4, 1, []byte{0x60, 0xea, 0, 0}}, tiffEntry{tagHeight, 4, 1, []byte{0x60, 0xea, 0, 0}}),
		"tiff 8000":     tiffWith(t, drawing(16, 16), tiffEntry{tagWidth, 4, 1, []byte{0x40, 0x1f, 0, 0}}, tiffEntry{tagHeight, 4, 1, []byte{0x40, 0x1f, 0, 0}}),
		"tiff values":   []byte("II*\x00\x08\x00\x00\x00\xff\xff"),
		"pgm 16 bits":   []byte("P5 8000 8000 65535\n"),
	}
}

func TestHostileFilesAreCheap(t *testing.T) {
	for name, b := range hostile(t) {
		memory := cost(func() {
			if f, err := Open(b); err == nil {
				if _, err = f.Decode(); err == nil {
					t.Errorf("%s: was read", name)
				}
			}
		})
		if memory > 50<<20 {
			t.Errorf("%s: took %d MB", name, memory>>20)
		}
	}
}

// cost returns the memory that a call takes.
func cost(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestTruncated(t *testing.T) {
	files := told(t)
	files[PGM] = encodePGM(image.NewGray(image.Rect(0, 0, 30, 20)))
	for format, b := range files {
		b = mustOpen(t, b).Anonymous().Bytes() // nothing after the end
		for at := 0; at < len(b); at += 64 {
			f, err := Open(b[:at])
			if err == nil {
				_, err = f.Decode()
			}
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s of %d bytes, cut at %d: %v", format, len(b), at, err)
			}
		}
	}
}

func FuzzFile(f *testing.F) {
	for _, b := range told(f) {
		f.Add(b)
	}
	for _, b := range hostile(f) {
		if len(b) < 10_000 {
			f.Add(b)
		}
	}
	f.Add(onePixel())
	f.Add(twoPages(f))
	f.Add([]byte("P5#c\n2#\n1 65535#d\nabcdP5 1 1 9\n\x09"))
	f.Add([]byte("P1 2 2 1#c\n00 1P1 1 1 1"))
	f.Add([]byte("P4 9 1 \x00\x80"))
	f.Add([]byte("P3 1 1 15 15 0 3 "))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Open(b)
		if err != nil {
			return
		}
		if o := file.Orientation(); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		if _, err := file.Decode(); err != nil {
			return
		}
		anonymous := mustOpen(t, file.Anonymous().Bytes())
		if anonymous.Anonymous() != anonymous {
			t.Error("is not taken for anonymous")
		}
		if anonymous.Orientation() != file.Orientation() {
			t.Error("is turned")
		}
		samePixels(t, file, anonymous)
		samePixels(t, file, mustOpen(t, file.Still().Bytes()))
	})
}

func BenchmarkHostile(b *testing.B) {
	for name, file := range hostile(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if f, err := Open(file); err == nil {
					f.Decode()
				}
			}
		})
	}
}
