package animation

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"time"

	"atelier/internal/pngchunk"
)

// The chunks of an animated PNG (PNG, W3C 2025, 11.3.6): acTL says how many frames
// there are, fcTL stands before each, and fdAT holds the data of all but the first.
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
		control = binary.BigEndian.AppendUint16(control, 1000) // in this part of a second
		control = append(control, 0, 0)                        // stays, and replaces what was there
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
				out = pngchunk.Append(out, animationControl, append(play, 0, 0, 0, 0)) // for ever
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

// stillPNGs takes an animated PNG apart into one PNG a frame, none if it does not move.
func stillPNGs(file []byte) ([][]byte, error) {
	var header []byte
	var stills [][]byte
	moves := false
	for c, err := range pngchunk.All(file) {
		if err != nil {
			return nil, err
		}
		last := len(stills) - 1
		switch {
		case c.Kind == "IHDR":
			header = append([]byte(pngchunk.Signature), c.Raw...)
		case c.Kind == animationControl:
			moves = true
		case c.Kind == frameControl:
			stills = append(stills, bytes.Clone(header))
		case c.Kind == imageData && last >= 0:
			stills[last] = append(stills[last], c.Raw...)
		case c.Kind == frameData && last >= 0 && len(c.Data) >= 4:
			stills[last] = pngchunk.Append(stills[last], imageData, c.Data[4:])
		}
	}
	for i := range stills {
		stills[i] = pngchunk.Append(stills[i], "IEND", nil)
	}
	if !moves {
		return nil, nil
	}
	return stills, nil
}
