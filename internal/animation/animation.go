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

// Encode writes frames of one size and duration, looping forever. Transparent pixels are blended
// with white.
func (f Format) Encode(frames []image.Image, each time.Duration) ([]byte, error) {
	if len(frames) == 0 {
		return nil, fmt.Errorf("an animation without a frame")
	}
	flat := make([]image.Image, len(frames))
	for i, m := range frames {
		flat[i] = m
		if _, grey := m.(*image.Gray); !grey {
			flat[i] = picture.OnWhite(m)
		}
		if m.Bounds().Size() != frames[0].Bounds().Size() {
			return nil, fmt.Errorf("frame %d has %v pixels, the first has %v", i, m.Bounds().Size(), frames[0].Bounds().Size())
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

func encodeGIF(frames []image.Image, each time.Duration) ([]byte, error) {
	palette := paletteOf(frames)
	out := &gif.GIF{}
	for _, m := range frames {
		out.Image = append(out.Image, palette.draw(m))
		out.Delay = append(out.Delay, int(each/(10*time.Millisecond)))
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, out)
	return b.Bytes(), err
}

func encodeWebP(frames []image.Image, each time.Duration) ([]byte, error) {
	out := &nativewebp.Animation{Images: frames}
	for range frames {
		out.Durations = append(out.Durations, uint(each.Milliseconds()))
		out.Disposals = append(out.Disposals, 0)
	}
	var b bytes.Buffer
	err := nativewebp.EncodeAll(&b, out, nil)
	return b.Bytes(), err
}
