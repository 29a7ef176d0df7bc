package animation

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"strings"
	"testing"

	"atelier/internal/picture"
	"atelier/internal/pngchunk"
)

// A patch is a frame of one colour, smaller than the canvas.
type patch struct {
	at       image.Rectangle
	colour   color.NRGBA
	dispose  byte
	blending byte
}

// patches writes an APNG of 4×1 pixels.
func patches(t *testing.T, all ...patch) []byte {
	t.Helper()
	out := []byte(pngchunk.Signature)
	sequence := uint32(0)
	for i, p := range all {
		m := image.NewNRGBA(image.Rectangle{Max: p.at.Size()})
		for x := range p.at.Dx() {
			m.SetNRGBA(x, 0, p.colour)
		}
		if i == 0 { // or it is written without alpha
			m.SetNRGBA(3, 0, color.NRGBA{})
		} else if p.colour.A == 255 {
			t.Fatal("a later patch must not be opaque: its type of pixels would differ")
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		for c, err := range pngchunk.All(b.Bytes()) {
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case c.Kind == "IHDR" && i == 0:
				out = append(out, c.Raw...)
				out = pngchunk.Append(out, "acTL", []byte{0, 0, 0, byte(len(all)), 0, 0, 0, 0})
			case c.Kind == "IDAT":
				control := binary.BigEndian.AppendUint32(nil, sequence)
				for _, v := range []int{p.at.Dx(), p.at.Dy(), p.at.Min.X, p.at.Min.Y} {
					control = binary.BigEndian.AppendUint32(control, uint32(v))
				}
				out = pngchunk.Append(out, "fcTL", append(control, 0, 1, 0, 5, p.dispose, p.blending))
				if sequence++; i == 0 {
					out = append(out, c.Raw...)
					continue
				}
				out = pngchunk.Append(out, "fdAT", append(binary.BigEndian.AppendUint32(nil, sequence), c.Data...))
				sequence++
			}
		}
	}
	return pngchunk.Append(out, "IEND", nil)
}

// Frames that are smaller than the canvas are drawn on it at their offset, replacing or blended, and
// disposed of.
func TestAPNGComposes(t *testing.T) {
	red, blue, clear := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 128}, color.NRGBA{}
	mixed := color.NRGBA{127, 0, 128, 255}
	file := patches(t,
		patch{image.Rect(0, 0, 4, 1), red, 0, 0},
		patch{image.Rect(1, 0, 3, 1), blue, 2, 0}, // replaces; what was there comes back
		patch{image.Rect(1, 0, 2, 1), blue, 1, 1}, // blends; becomes transparent
		patch{image.Rect(2, 0, 4, 1), blue, 0, 1}, // blends
	)
	want := [][]color.NRGBA{
		{red, red, red, clear},
		{red, blue, blue, clear},
		{red, mixed, red, clear},
		{red, clear, mixed, blue},
	}
	got, err := framesOf(file)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d frames, error %v", len(got), err)
	}
	for i, row := range want {
		for x, c := range row {
			if is := picture.NRGBA(got[i]).NRGBAAt(x, 0); is != c {
				t.Errorf("frame %d, pixel %d is %v, want %v", i+1, x, is, c)
			}
		}
	}
	outside := patches(t, patch{image.Rect(0, 0, 4, 1), red, 0, 0}, patch{image.Rect(3, 0, 5, 1), blue, 0, 0})
	if _, err := framesOf(outside); err == nil || !strings.Contains(err.Error(), "frame 2 lies outside the picture") {
		t.Errorf("a frame outside: %v", err)
	}
}

// A GIF composes in the same way.
func TestGIFComposes(t *testing.T) {
	palette := color.Palette{color.NRGBA{}, color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	frame := func(r image.Rectangle, pix ...uint8) *image.Paletted {
		m := image.NewPaletted(r, palette)
		copy(m.Pix, pix)
		return m
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{
		Image:    []*image.Paletted{frame(image.Rect(0, 0, 4, 1), 1, 1, 1, 1), frame(image.Rect(1, 0, 3, 1), 2, 0), frame(image.Rect(2, 0, 4, 1), 2, 2), frame(image.Rect(0, 0, 1, 1), 0)},
		Delay:    []int{5, 5, 5, 5},
		Disposal: []byte{gif.DisposalNone, gif.DisposalBackground, gif.DisposalPrevious, gif.DisposalNone},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := framesOf(b.Bytes())
	if err != nil || len(got) != 4 {
		t.Fatalf("%d frames, error %v", len(got), err)
	}
	for i, want := range [][]uint8{{1, 1, 1, 1}, {1, 2, 1, 1}, {1, 0, 2, 2}, {1, 0, 0, 1}} {
		for x, at := range want {
			if is := picture.NRGBA(got[i]).NRGBAAt(x, 0); is != palette[at] {
				t.Errorf("frame %d, pixel %d is %v, want %v", i+1, x, is, palette[at])
			}
		}
	}
}

// What is held is limited by the pixels of all frames.
func TestFits(t *testing.T) {
	for _, c := range []struct {
		n    int
		size image.Point
		ok   bool
	}{{1, image.Pt(8192, 8192), true}, {2000, image.Pt(256, 256), true}, {20000, image.Pt(4000, 4000), false}, {40, image.Pt(4000, 4000), false}} {
		if err := Fits(c.n, c.size); (err == nil) != c.ok {
			t.Errorf("%d of %v: %v", c.n, c.size, err)
		}
	}
}
