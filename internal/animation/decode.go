package animation

import (
	"bytes"
	"encoding/binary"
	"image"
	"iter"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/pngchunk"
)

// Frames yields the frames of a file, each as the whole picture that is seen, and returns their
// number and size in pixels before any is decoded. A still picture has one. An error in a frame is
// yielded in its place, and is the last.
func Frames(file []byte) (n int, size image.Point, all iter.Seq2[image.Image, error], err error) {
	f, err := picture.Open(file)
	if err != nil {
		return 0, size, nil, err
	}
	size = image.Pt(f.Width, f.Height)
	var parts iter.Seq2[part, error]
	if found := splitters[f.Format]; f.Animated() && found != nil {
		size = sizeOf(f, file)
		parts = func(yield func(part, error) bool) { found(file, yield) }
		for p, err := range parts {
			if err == nil && !p.rect.In(image.Rectangle{Max: size}) {
				err = badinput.Errorf("the animation is damaged: frame %d lies outside the picture", n+1)
			}
			if err != nil {
				return 0, size, nil, err
			}
			n++
		}
	}
	if n == 0 {
		return 1, size, func(yield func(image.Image, error) bool) { yield(f.Decode()) }, nil
	}
	return n, size, func(yield func(image.Image, error) bool) {
		on := &canvas{rect: image.Rectangle{Max: size}}
		for p, err := range parts {
			var m image.Image
			if err == nil {
				m, err = on.show(p)
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}, nil
}

// sizeOf is the size of the canvas of an animation. What package picture says of a WebP is the size
// of its first frame.
func sizeOf(f *picture.File, file []byte) image.Point {
	const kindAt, widthAt, end = 12, 24, 30
	if f.Format == picture.WebP && len(file) >= end && string(file[kindAt:kindAt+4]) == "VP8X" {
		return image.Pt(get24(file[widthAt:])+1, get24(file[widthAt+3:])+1)
	}
	return image.Pt(f.Width, f.Height)
}

func get24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// A splitter finds the frames of an animation.
type splitter func(file []byte, yield func(part, error) bool)

var splitters = map[picture.Format]splitter{picture.GIF: splitGIF, picture.PNG: splitPNG, picture.WebP: splitWebP}

// splitGIF splits a GIF that was successfully opened: its blocks are complete. Each frame becomes a
// GIF of its own size.
func splitGIF(file []byte, yield func(part, error) bool) {
	const screen, frame = 13, 10 // bytes before the palette of the file, and of a frame
	table := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	end := func(at int) int { // end of the sub-blocks, each preceded by its length, up to one of length 0
		for file[at] > 0 {
			at += 1 + int(file[at])
		}
		return at + 1
	}
	head := file[:screen+table(file[10])]
	var shown []byte // graphic control extension of the next frame
	for at := len(head); at < len(file); {
		switch start := at; file[at] {
		case '!':
			if at = end(at + 2); file[start+1] == 0xf9 {
				shown = file[start:at]
			}
		case ',':
			at = end(at + frame + table(file[at+frame-1]) + 1)
			still := bytes.Join([][]byte{head, shown, file[start:at], {';'}}, nil)
			place := still[len(head)+len(shown)+1:][:8]
			x, y := int(binary.LittleEndian.Uint16(place)), int(binary.LittleEndian.Uint16(place[2:]))
			w, h := int(binary.LittleEndian.Uint16(place[4:])), int(binary.LittleEndian.Uint16(place[6:]))
			copy(still[6:], place[4:]) // its size is that of the file
			clear(place[:4])
			p := part{still: still, rect: image.Rect(x, y, x+w, y+h), over: true}
			if len(shown) > 3 {
				p.after = map[byte]disposal{2: cleared, 3: restored}[shown[3]>>2&7]
			}
			if !yield(p, nil) {
				return
			}
			shown = nil
		default:
			return
		}
	}
}

// splitWebP splits an animated WebP that was successfully opened: its chunks are complete.
func splitWebP(file []byte, yield func(part, error) bool) {
	const riff, head, frame = 12, 8, 16 // bytes before the first chunk, of a chunk, and of a frame before its picture
	for rest := file[riff:]; len(rest) >= head; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		if data := rest[head:min(head+size, len(rest))]; string(rest[:4]) == "ANMF" && len(data) >= frame {
			still := []byte("RIFF\x00\x00\x00\x00WEBP")
			if bytes.HasPrefix(data[frame:], []byte("ALPH")) { // which needs a header
				still = append(still, "VP8X\x0a\x00\x00\x00\x10\x00\x00\x00"...)
				still = append(still, data[6:12]...) // width and height
			}
			still = append(still, data[frame:]...)
			binary.LittleEndian.PutUint32(still[4:], uint32(len(still)-8))
			x, y := 2*get24(data), 2*get24(data[3:])
			flags := data[15]
			p := part{still: still, rect: image.Rect(x, y, x+get24(data[6:])+1, y+get24(data[9:])+1), over: flags&2 == 0}
			if flags&1 != 0 {
				p.after = cleared
			}
			if !yield(p, nil) {
				return
			}
		}
		rest = rest[min(head+size+size%2, len(rest)):]
	}
}

// Each is the duration of the first frame of an animation; of a still picture it is 0.
func Each(file []byte) (time.Duration, error) {
	f, err := picture.Open(file)
	if err != nil || !f.Animated() {
		return 0, err
	}
	switch f.Format {
	case picture.GIF:
		for p := range partsOf(file, splitGIF) {
			if at := bytes.Index(p.still, []byte("!\xf9\x04")); at >= 0 && at+6 < len(p.still) {
				return time.Duration(binary.LittleEndian.Uint16(p.still[at+4:])) * 10 * time.Millisecond, nil
			}
		}
	case picture.PNG:
		for c, err := range pngchunk.All(file) {
			if err != nil {
				return 0, err
			}
			if c.Kind == frameControl && len(c.Data) >= 24 {
				parts := time.Duration(binary.BigEndian.Uint16(c.Data[22:]))
				if parts == 0 {
					parts = 100 // as the format says
				}
				return time.Duration(binary.BigEndian.Uint16(c.Data[20:])) * time.Second / parts, nil
			}
		}
	case picture.WebP:
		const head, lengthAt = 8, 12
		for at := 12; at+head+lengthAt+4 <= len(file); {
			size := int(binary.LittleEndian.Uint32(file[at+4:]))
			if string(file[at:at+4]) == "ANMF" {
				return time.Duration(binary.LittleEndian.Uint32(file[at+head+lengthAt:])&0xffffff) * time.Millisecond, nil
			}
			if size < 0 || size > len(file) {
				break
			}
			at += head + size + size%2
		}
	}
	return 0, badinput.Errorf("the animation does not say how long a frame is shown")
}

// partsOf yields the frames that a splitter finds.
func partsOf(file []byte, split splitter) iter.Seq[part] {
	return func(yield func(part) bool) {
		split(file, func(p part, err error) bool { return err == nil && yield(p) })
	}
}
