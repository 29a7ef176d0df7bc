package animation

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"time"

	"atelier/internal/pngchunk"
)

// The chunks of an animated PNG (PNG, W3C 2025, 11.3.6): acTL gives the number of frames, fcTL
// precedes each, and fdAT holds the data of all but the first.
const (
	animationControl = "acTL"
	frameControl     = "fcTL"
	frameData        = "fdAT"
	imageData        = "IDAT"
)

func encodeAPNG(frames []image.Image, each time.Duration) ([]byte, error) {
	out := []byte(pngchunk.Signature)
	sequence := uint32(0) // number of the next fcTL or fdAT
	for i, m := range frames {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			return nil, err
		}
		control := binary.BigEndian.AppendUint32(nil, sequence)
		sequence++
		control = binary.BigEndian.AppendUint32(control, uint32(m.Bounds().Dx()))
		control = binary.BigEndian.AppendUint32(control, uint32(m.Bounds().Dy()))
		control = append(control, 0, 0, 0, 0, 0, 0, 0, 0) // at the corner
		control = binary.BigEndian.AppendUint16(control, uint16(each.Milliseconds()))
		control = binary.BigEndian.AppendUint16(control, 1000) // delay in this fraction of a second
		control = append(control, 0, 0)                        // not disposed of, and replacing what was there
		controlled := false
		for c, err := range pngchunk.All(b.Bytes()) {
			if err != nil {
				return nil, err
			}
			if c.Kind == imageData && !controlled {
				out, controlled = pngchunk.Append(out, frameControl, control), true
			}
			switch {
			case c.Kind == "IHDR" && i == 0:
				out = append(out, c.Raw...)
				play := binary.BigEndian.AppendUint32(nil, uint32(len(frames)))
				out = pngchunk.Append(out, animationControl, append(play, 0, 0, 0, 0)) // looping forever
			case c.Kind == imageData && i == 0:
				out = append(out, c.Raw...)
			case c.Kind == imageData:
				numbered := binary.BigEndian.AppendUint32(nil, sequence)
				out = pngchunk.Append(out, frameData, append(numbered, c.Data...))
				sequence++
			}
		}
	}
	return pngchunk.Append(out, "IEND", nil), nil
}
