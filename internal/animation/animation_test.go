package animation

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"atelier/internal/picture"
	"atelier/internal/provenance"
)

// moving are frames of a grey or a coloured slope that moves.
func moving(n, w, h int, grey bool) []image.Image {
	frames := make([]image.Image, n)
	for i := range frames {
		if grey {
			m := image.NewGray(image.Rect(0, 0, w, h))
			for p := range m.Pix {
				m.Pix[p] = uint8(p*7 + i*31)
			}
			frames[i] = m
			continue
		}
		m := image.NewNRGBA(image.Rect(0, 0, w, h))
		for p := range w * h {
			m.SetNRGBA(p%w, p/w, color.NRGBA{uint8(p%w*255/w + i), uint8(p/w*255/h + 2*i), uint8(17 * i), 255})
		}
		frames[i] = m
	}
	return frames
}

// framesOf decodes all frames of a file.
func framesOf(file []byte) (frames []image.Image, err error) {
	n, _, all, err := Frames(file)
	if err != nil {
		return nil, err
	}
	for m, err := range all {
		if err != nil {
			return nil, err
		}
		frames = append(frames, m)
	}
	if len(frames) != n {
		return nil, fmt.Errorf("%d frames, though there are said to be %d", len(frames), n)
	}
	return frames, nil
}

// What is read back is what was written, with a label in it.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grey := rapid.Bool().Draw(t, "grey")
		frames := moving(rapid.IntRange(1, 5).Draw(t, "frames"), rapid.IntRange(2, 30).Draw(t, "width"), rapid.IntRange(2, 30).Draw(t, "height"), grey)
		for _, f := range []Format{GIF, APNG, WebP} {
			file, err := f.Encode(frames, 80*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := f.Encode(frames, 80*time.Millisecond); !bytes.Equal(file, again) {
				t.Fatalf("%s: other bytes the second time", f)
			}
			if file, err = provenance.Write(file, provenance.Label{Run: "0001-fashion"}); err != nil {
				t.Fatal(err)
			}
			if l, err := provenance.Read(file); err != nil || l.Run != "0001-fashion" {
				t.Fatalf("%s: %v %v", f, l, err)
			}
			if each, err := Each(file); err != nil || each != 80*time.Millisecond && len(frames) > 1 {
				t.Fatalf("%s: a frame lasts %v, error %v", f, each, err)
			}
			got, err := framesOf(file)
			if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			if len(got) != len(frames) {
				t.Fatalf("%s: %d frames, want %d", f, len(got), len(frames))
			}
			for i := range frames {
				if exact := f != GIF || grey; exact && !bytes.Equal(picture.NRGBA(frames[i]).Pix, picture.NRGBA(got[i]).Pix) {
					t.Fatalf("%s: frame %d is another", f, i)
				}
			}
		}
	})
}

// What is transparent stays so, in frames of which some are opaque, and nothing of a frame is left
// behind the next. A GIF shows what is at least half opaque.
func TestTransparent(t *testing.T) {
	var frames []image.Image
	for i := range 3 {
		m := image.NewNRGBA(image.Rect(0, 0, 8, 6))
		for p := range 8 * 6 {
			alpha := uint8(255)
			if i > 0 {
				alpha = uint8(255 * ((p + i) % 4) / 3)
			}
			if alpha > 0 {
				m.SetNRGBA(p%8, p/8, color.NRGBA{uint8(20 * p % 256), 90, uint8(40 * i), alpha})
			}
		}
		frames = append(frames, m)
	}
	for _, f := range []Format{GIF, APNG, WebP} {
		file, err := f.Encode(frames, 80*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		got, err := framesOf(file)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for i := range frames {
			want, is := picture.NRGBA(frames[i]), picture.NRGBA(got[i])
			if f != GIF && !bytes.Equal(want.Pix, is.Pix) {
				t.Fatalf("%s: frame %d is another", f, i)
			}
			for p := 3; p < len(is.Pix); p += 4 {
				if f == GIF && (is.Pix[p] == 255) != (want.Pix[p] >= 128) {
					t.Fatalf("gif: frame %d has alpha %d where it was %d", i, is.Pix[p], want.Pix[p])
				}
			}
		}
	}
	nothing := []image.Image{image.NewNRGBA(image.Rect(0, 0, 3, 3)), image.NewNRGBA(image.Rect(0, 0, 3, 3))}
	for _, f := range []Format{GIF, APNG, WebP} {
		if _, err := f.Encode(nothing, time.Second); err != nil {
			t.Errorf("%s of nothing: %v", f, err)
		}
	}
}

// A GIF of many colours stays near them: each channel by less than a 30th on average.
func TestPalette(t *testing.T) {
	frames := moving(8, 48, 48, false)
	file, err := GIF.Encode(frames, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	got, err := framesOf(file)
	if err != nil {
		t.Fatal(err)
	}
	far, n := 0., 0
	for i := range frames {
		a, b := picture.NRGBA(frames[i]), picture.NRGBA(got[i])
		for p := range a.Pix {
			far += math.Abs(float64(a.Pix[p]) - float64(b.Pix[p]))
			n++
		}
	}
	if mean := far / float64(n); mean > 255/30. || mean == 0 {
		t.Errorf("colours are off by %g on average", mean)
	}
}

// Colours that are few enough stay what they are.
func TestFewColours(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for p := range 256 {
		m.SetNRGBA(p%16, p/16, color.NRGBA{uint8(p), uint8(255 - p), uint8(p * 37), 255})
	}
	file, err := GIF.Encode([]image.Image{m}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	got, err := framesOf(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Pix, picture.NRGBA(got[0]).Pix) {
		t.Error("256 colours became others")
	}
}

func TestTimes(t *testing.T) {
	file, err := GIF.Encode(moving(2, 4, 4, true), 83*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := gif.DecodeAll(bytes.NewReader(file)); err != nil || fmt.Sprint(all.Delay) != "[8 8]" || all.LoopCount != 0 {
		t.Errorf("%v, error %v", all, err)
	}
	for _, f := range []Format{GIF, "film"} {
		if _, err := f.Encode(nil, time.Second); err == nil {
			t.Errorf("%s of nothing", f)
		}
	}
	if _, err := APNG.Encode(append(moving(1, 4, 4, true), moving(1, 5, 4, true)...), time.Second); err == nil {
		t.Error("frames of two sizes")
	}
}

// Whatever the bytes are, the frames are as many as is said, or an error.
func FuzzFrames(f *testing.F) {
	for _, format := range []Format{GIF, APNG, WebP} {
		file, err := format.Encode(moving(2, 3, 2, format == GIF), time.Second)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if n, _, all, err := Frames(file); err == nil && n < 1000 {
			got := 0
			for _, err := range all {
				if got++; err != nil {
					return
				}
			}
			if got != n {
				t.Errorf("%d frames, said to be %d", got, n)
			}
		}
	})
}
