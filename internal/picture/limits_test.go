package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"golang.org/x/image/tiff"

	"atelier/internal/pngchunk"
)

// Pictures are read however well they are packed.
func TestPlainPicturesAreRead(t *testing.T) {
	palette := color.Palette{color.Black, color.White}
	slope := image.NewNRGBA(image.Rect(0, 0, 3840, 2160))
	for i := range slope.Pix {
		slope.Pix[i] = uint8(i / 4 % 3840 * 255 / 3839)
		if i%4 == 3 {
			slope.Pix[i] = 255
		}
	}
	var drawn, packed bytes.Buffer
	if err := gif.Encode(&drawn, image.NewPaletted(image.Rect(0, 0, 3840, 2160), palette), nil); err != nil {
		t.Fatal(err)
	}
	if err := tiff.Encode(&packed, image.NewGray(image.Rect(0, 0, 4000, 4000)), &tiff.Options{Compression: tiff.Deflate}); err != nil {
		t.Fatal(err)
	}
	webp, err := WebP.Encode(image.NewNRGBA(image.Rect(0, 0, 1000, 700)))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"8K of one colour": pngOf(t, image.NewPaletted(image.Rect(0, 0, 7680, 4320), palette)),
		"long screenshot":  pngOf(t, image.NewGray(image.Rect(0, 0, 1080, 20000))),
		"gradient":         pngOf(t, slope),
		"grey JPEG":        jpegOf(t, image.NewGray(image.Rect(0, 0, 3840, 2160))),
		"coloured JPEG":    jpegOf(t, image.NewNRGBA(image.Rect(0, 0, 3840, 2160))),
		"GIF":              drawn.Bytes(), "TIFF": packed.Bytes(), "WebP": webp,
	} {
		f, err := Open(b)
		if err != nil {
			t.Errorf("%s, %d bytes: %v", name, len(b), err)
			continue
		}
		if _, err := f.Decode(); err != nil {
			t.Errorf("%s, %d bytes: %v", name, len(b), err)
		}
	}
}

// What a file says about its picture may unpack to anything: it is not unpacked, or up to
// a limit.
func TestPackedTextsAreCheap(t *testing.T) {
	var bomb bytes.Buffer
	w := zlib.NewWriter(&bomb)
	for range 256 {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	p := pngOf(t, drawing(20, 10))
	var chunks []byte
	for _, name := range []string{"zTXt", "iCCP", "iTXt"} {
		chunks = pngchunk.Append(chunks, name, append([]byte("name\x00\x00"), bomb.Bytes()...))
	}
	p = append(append(append([]byte{}, p[:33]...), chunks...), p[33:]...)
	memory := cost(func() {
		f := mustOpen(t, p)
		if _, err := f.Decode(); err != nil || f.Profile() != nil {
			t.Error(err)
		}
	})
	if memory > 20<<20 {
		t.Errorf("took %d MB", memory>>20)
	}
}

// Thousands of large frames cost what the first does.
func TestManyFrames(t *testing.T) {
	one := gifOf(t, 1)
	binary.LittleEndian.PutUint16(one[6:], 4000)
	binary.LittleEndian.PutUint16(one[8:], 4000)
	frame := one[bytes.IndexByte(one, ',') : len(one)-1]
	long := append(append(one[:len(one)-1:len(one)-1], bytes.Repeat(frame, 5000)...), ';')
	memory := cost(func() {
		f := mustOpen(t, long)
		if _, err := f.Decode(); err != nil {
			t.Error(err)
		}
	})
	if memory > 50<<20 {
		t.Errorf("took %d MB", memory>>20)
	}
}

// Large pictures wait until there is memory for them.
func TestReserve(t *testing.T) {
	large := pngOf(t, image.NewPaletted(image.Rect(0, 0, 6000, 6000), color.Palette{color.Black}))
	done := make(chan bool, 40)
	for range cap(done) {
		go func() {
			Reserve(large)()
			done <- true
		}()
	}
	for range cap(done) {
		<-done
	}
	if !decoding.TryAcquire(maxDecoding) {
		t.Error("not all was given back")
	}
	Reserve(pngOf(t, drawing(9, 9)))() // a small picture does not wait
	decoding.Release(maxDecoding)
}
