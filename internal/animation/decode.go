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

// Frames yields the frames of a file as Encode writes them, each as a whole picture, and returns
// their number before any is decoded. A still picture has one. An error in a frame is yielded in
// its place, and is the last.
func Frames(file []byte) (n int, all iter.Seq2[image.Image, error], err error) {
	f, err := picture.Open(file)
	if err != nil {
		return 0, nil, err
	}
	parts := func(yield func([]byte, error) bool) { yield(file, nil) }
	if f.Animated() {
		if found := stills[f.Format]; found != nil {
			parts = func(yield func([]byte, error) bool) { found(file, yield) }
		}
	}
	for _, err := range parts {
		if err != nil {
			return 0, nil, err
		}
		n++
	}
	return n, func(yield func(image.Image, error) bool) {
		for still, err := range parts {
			var m image.Image
			if err == nil {
				m, err = decode(still)
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}, nil
}

func decode(still []byte) (image.Image, error) {
	f, err := picture.Open(still)
	if err != nil {
		return nil, err
	}
	return f.Decode()
}

// stills split an animation into one file per frame.
var stills = map[picture.Format]func(file []byte, yield func([]byte, error) bool){
	picture.GIF: stillGIFs, picture.PNG: stillPNGs, picture.WebP: stillWebPs,
}

// stillGIFs splits a GIF that was successfully opened: its blocks are complete.
func stillGIFs(file []byte, yield func([]byte, error) bool) {
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
			if !yield(bytes.Join([][]byte{head, shown, file[start:at], {';'}}, nil), nil) {
				return
			}
			shown = nil
		default:
			return
		}
	}
}

// stillPNGs splits an animated PNG.
func stillPNGs(file []byte, yield func([]byte, error) bool) {
	var header, still []byte
	done := func() bool {
		return still == nil || yield(pngchunk.Append(still, "IEND", nil), nil)
	}
	for c, err := range pngchunk.All(file) {
		if err != nil {
			yield(nil, err)
			return
		}
		switch {
		case c.Kind == "IHDR":
			header = append([]byte(pngchunk.Signature), c.Raw...)
		case c.Kind == frameControl:
			if !done() {
				return
			}
			still = bytes.Clone(header)
		case c.Kind == imageData && still != nil:
			still = append(still, c.Raw...)
		case c.Kind == frameData && still != nil:
			if len(c.Data) < 4 {
				yield(nil, badinput.Errorf("the PNG is damaged: a frame's data are too short"))
				return
			}
			still = pngchunk.Append(still, imageData, c.Data[4:])
		}
	}
	done()
}

// stillWebPs splits an animated WebP that was successfully opened: its chunks are complete.
func stillWebPs(file []byte, yield func([]byte, error) bool) {
	const riff, head, frame = 12, 8, 16 // bytes before the first chunk, of a chunk, and of a frame before its picture
	for rest := file[riff:]; len(rest) >= head; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		if data := rest[head:min(head+size, len(rest))]; string(rest[:4]) == "ANMF" && len(data) >= frame {
			still := append([]byte("RIFF\x00\x00\x00\x00WEBP"), data[frame:]...)
			binary.LittleEndian.PutUint32(still[4:], uint32(len(still)-8))
			if !yield(still, nil) {
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
		for still := range stillsOf(file, stillGIFs) {
			if at := bytes.Index(still, []byte("!\xf9\x04")); at >= 0 && at+6 < len(still) {
				return time.Duration(binary.LittleEndian.Uint16(still[at+4:])) * 10 * time.Millisecond, nil
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

// stillsOf yields the stills that a splitter finds.
func stillsOf(file []byte, split func([]byte, func([]byte, error) bool)) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		split(file, func(still []byte, err error) bool { return err == nil && yield(still) })
	}
}
