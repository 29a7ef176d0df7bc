package animation

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"time"

	"atelier/internal/badinput"
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

// splitPNG splits an animated PNG. Each frame becomes a PNG of its own size.
func splitPNG(file []byte, yield func(part, error) bool) {
	const controlSize = 26
	var header []byte // data of IHDR
	var shared []byte // chunks that each frame needs
	var p *part
	done := func() bool {
		if p == nil {
			return true
		}
		p.still = pngchunk.Append(p.still, "IEND", nil)
		return yield(*p, nil)
	}
	for c, err := range pngchunk.All(file) {
		if err == nil && (c.Kind == frameControl && len(c.Data) != controlSize || c.Kind == frameData && len(c.Data) < 4) {
			err = badinput.Errorf("the PNG is damaged: chunk %q has %d bytes", c.Kind, len(c.Data))
		}
		if err != nil {
			yield(part{}, err)
			return
		}
		switch {
		case c.Kind == "IHDR":
			header = c.Data
		case c.Kind == "PLTE" || c.Kind == "tRNS":
			shared = append(shared, c.Raw...)
			if p != nil { // it stands between fcTL and IDAT
				p.still = append(p.still, c.Raw...)
			}
		case c.Kind == frameControl:
			if !done() {
				return
			}
			if p, err = controlled(c.Data, header); err != nil {
				yield(part{}, err)
				return
			}
			p.still = append(p.still, shared...)
		case c.Kind == imageData && p != nil:
			p.still = append(p.still, c.Raw...)
		case c.Kind == frameData && p != nil:
			p.still = pngchunk.Append(p.still, imageData, c.Data[4:])
		}
	}
	done()
}

// controlled is the frame that fcTL announces, with a header of its size and no pixels yet.
func controlled(control, header []byte) (*part, error) {
	at := func(i int) int { return int(binary.BigEndian.Uint32(control[i:])) }
	w, h, x, y := at(4), at(8), at(12), at(16)
	if w < 1 || h < 1 || len(header) < 8 {
		return nil, badinput.Errorf("the PNG is damaged: a frame has %d×%d pixels", w, h)
	}
	p := &part{rect: image.Rect(x, y, x+w, y+h), over: control[25] == 1}
	p.after = map[byte]disposal{1: cleared, 2: restored}[control[24]]
	own := append(bytes.Clone(control[4:12]), header[8:]...)
	p.still = pngchunk.Append([]byte(pngchunk.Signature), "IHDR", own)
	return p, nil
}
