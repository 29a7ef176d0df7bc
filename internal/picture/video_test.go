package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"testing"
)

// Lossy WebPs of 32 by 16 pixels: black and white above, red and blue below; the second is
// half transparent.
const (
	lossyWebP = "UklGRkYAAABXRUJQVlA4IDoAAABQAgCdASogABAAAoBCJaAB3BfAPxV/EACIxgAA/vVgv//xQH//+FB4P//vYIG9er//8KzXbMokQAAA"
	clearWebP = "UklGRmoAAABXRUJQVlA4WAoAAAAQAAAAHwAADwAAQUxQSAoAAAABB1DAiAhERP8DVlA4IDoAAABQAgCdASogABAAAoBCJaAB3BfAPxV/EACIxgAA/vVgv//xQH//+FB4P//vYIG9er//8KzXbMokQAAA"
)

// A lossy WebP has the colours that dwebp gives it: black is 0, and not 16.
func TestLossyWebP(t *testing.T) {
	for _, c := range []struct {
		file  string
		alpha uint8
	}{{lossyWebP, 255}, {clearWebP, 128}} {
		b, err := base64.StdEncoding.DecodeString(c.file)
		if err != nil {
			t.Fatal(err)
		}
		// The same as the first frame of an animation, without transparency.
		moving := []byte{0, 0, 0, 0, 0, 0, 31, 0, 0, 15, 0, 0, 10, 0, 0, 0}
		moving = webpChunk("ANMF", append(moving, b[12:]...))
		moving = riff(append(append(webpChunk("VP8X", []byte{webpAnimated, 0, 0, 0, 31, 0, 0, 15, 0, 0}), webpChunk("ANIM", make([]byte, 6))...), moving...))
		files := [][]byte{b}
		if c.alpha == 255 {
			files = append(files, moving)
		}
		for i, file := range files {
			got, err := mustOpen(t, file).Decode()
			if err != nil {
				t.Fatal(err)
			}
			img := NRGBA(got)
			for at, want := range map[image.Point]color.NRGBA{
				{2, 2}: {0, 0, 0, c.alpha}, {28, 2}: {253, 255, 253, c.alpha}, {2, 13}: {255, 1, 0, c.alpha}, {28, 13}: {0, 0, 255, c.alpha},
			} {
				if got := img.NRGBAAt(at.X, at.Y); got != want {
					t.Errorf("file %d, alpha %d, %v: %v, want %v", i, c.alpha, at, got, want)
				}
			}
		}
	}
}

// Black and white are the ends of the limited range.
func TestVideoColour(t *testing.T) {
	for y, want := range map[int]uint8{0: 0, 16: 0, 126: 128, 235: 255, 255: 255} {
		if r, g, b := videoColour(y, 128, 128); r != want || g != want || b != want {
			t.Errorf("brightness %d: %d, %d, %d; want %d", y, r, g, b, want)
		}
	}
}

// A fax in a TIFF has its black where libtiff finds it, whichever of both colours is 0.
func TestFaxColours(t *testing.T) {
	short := func(tag, v uint16) tiffEntry {
		return tiffEntry{tag, 3, 1, binary.LittleEndian.AppendUint16(nil, v)}
	}
	want := append(make([]uint8, 4), bytes.Repeat([]byte{255}, 12)...)
	for _, c := range []struct {
		packing, colours uint16
		strip            string
	}{
		{4, 0, "26afff001001"}, {4, 1, "361ff0010010"},
		{3, 0, "00135640009ab20004d5900026ac80010010010010010010"}, {3, 1, "001b0e00361c006c3800d870010010010010010010"},
	} {
		strip, err := hex.DecodeString(c.strip)
		if err != nil {
			t.Fatal(err)
		}
		p := &tiffPage{order: binary.LittleEndian, pieces: [][]byte{strip}, entries: []tiffEntry{
			short(tagWidth, 16), short(tagHeight, 4), short(tagBits, 1), short(tagCompression, c.packing), short(tagColours, c.colours),
			short(tagStrips, 0), short(tagSamples, 1), short(278, 4), short(tagStripBytes, uint16(len(strip))),
		}}
		file := p.write()
		for _, b := range [][]byte{file, mustOpen(t, file).Anonymous().Bytes()} {
			got, err := mustOpen(t, b).Decode()
			if err != nil {
				t.Fatal(err)
			}
			for y := range 4 {
				if row := got.(*image.Gray).Pix[16*y:][:16]; !bytes.Equal(row, want) {
					t.Errorf("compression %d, colours %d: row %d is %v", c.packing, c.colours, y, row)
				}
			}
		}
	}
}
