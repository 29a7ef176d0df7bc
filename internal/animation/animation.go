// Package animation reads and writes animated picture files.
package animation

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"time"

	"github.com/HugoSmits86/nativewebp"

	"atelier/internal/picture"
)

// A Format is an animation file format.
type Format string

// The formats. APNG and WebP are lossless; a GIF has 256 colours.
const (
	GIF  Format = "gif"
	APNG Format = "apng"
	WebP Format = "webp"
)

// MediaType is the MIME type of the format.
func (f Format) MediaType() string { return "image/" + string(f) }

// Encode writes frames of one size and duration, looping forever. What is transparent stays so; a GIF has
// no partial transparency, and what is at least half opaque is opaque in it.
func (f Format) Encode(frames []image.Image, each time.Duration) ([]byte, error) {
	if len(frames) == 0 {
		return nil, fmt.Errorf("an animation without a frame")
	}
	flat, opaque := make([]image.Image, len(frames)), true
	for i, m := range frames {
		flat[i] = m
		if _, grey := m.(*image.Gray); !grey {
			own := picture.NRGBA(m)
			flat[i], opaque = own, opaque && own.Opaque()
		}
		if m.Bounds().Size() != frames[0].Bounds().Size() {
			return nil, fmt.Errorf("frame %d has %v pixels, the first has %v", i, m.Bounds().Size(), frames[0].Bounds().Size())
		}
	}
	if !opaque {
		for i, m := range flat {
			flat[i] = translucent{picture.NRGBA(m)}
		}
	}
	switch f {
	case GIF:
		return encodeGIF(flat, each)
	case APNG:
		return encodeAPNG(flat, each)
	case WebP:
		return encodeWebP(flat, each)
	}
	return nil, fmt.Errorf("no animations are written as %s", f)
}

// translucent is a frame of an animation of which some frames are partly transparent: its file holds alpha even
// if it is opaque itself, since all frames are stored alike.
type translucent struct{ *image.NRGBA }

// Opaque reports that it is not, whatever it shows.
func (translucent) Opaque() bool { return false }

// isTranslucent reports whether a frame is one of an animation that is partly transparent.
func isTranslucent(m image.Image) bool {
	_, is := m.(translucent)
	return is
}

func encodeGIF(frames []image.Image, each time.Duration) ([]byte, error) {
	palette := paletteOf(frames)
	out := &gif.GIF{}
	for _, m := range frames {
		out.Image = append(out.Image, palette.draw(m))
		out.Delay = append(out.Delay, int(each/(10*time.Millisecond)))
		if isTranslucent(m) {
			out.Disposal = append(out.Disposal, gif.DisposalBackground)
		}
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, out)
	return b.Bytes(), err
}

func encodeWebP(frames []image.Image, each time.Duration) ([]byte, error) {
	out := &nativewebp.Animation{Images: frames}
	for _, m := range frames {
		disposal := uint(0)
		if isTranslucent(m) { // frames are blended with what was there
			disposal = 1
		}
		out.Durations = append(out.Durations, uint(each.Milliseconds()))
		out.Disposals = append(out.Disposals, disposal)
	}
	var b bytes.Buffer
	err := nativewebp.EncodeAll(&b, out, nil)
	return b.Bytes(), err
}
