package provenance

import (
	"bytes"
	"encoding/binary"
	"iter"

	"atelier/internal/badinput"
)

// A JPEG consists of SOI and segments up to SOS, followed by the picture (ITU-T T.81, annex B). The
// label is in comments, as many as it takes, the statement in the segment of XMP (ISO 16684-3).
type jpegFile struct{}

const (
	startOfImage = "\xff\xd8"
	markApp0     = 0xe0 // of JFIF, which comes first
	markApp1     = 0xe1
	markApp11    = 0xeb
	markComment  = 0xfe
	markScan     = 0xda
	longest      = 1<<16 - 3 // bytes that a segment can hold

	jumbfHead   = 2 + 2 + 4 // bytes before a box in a segment: JP, its number, and that of the segment
	commentHead = "atelier\x00"
	xmpHead     = "http://ns.adobe.com/xap/1.0/\x00"
)

func (jpegFile) is(file []byte) bool { return bytes.HasPrefix(file, []byte(startOfImage+"\xff")) }

// write puts label and statement before all segments except JFIF's.
func (jpegFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	packet := stated(xmpOf(file), s, nil)
	if len(packet) > longest-len(xmpHead) { // they do not both fit
		packet = s.XMP(nil)
	}
	var own []byte
	if packet != nil {
		own = segment(nil, markApp1, append([]byte(xmpHead), packet...))
	}
	for rest := label; len(rest) > 0; {
		n := min(len(rest), longest-len(commentHead))
		own = segment(own, markComment, append([]byte(commentHead), rest[:n]...))
		rest = rest[n:]
	}
	out := []byte(startOfImage)
	for s, err := range segments(file) {
		switch {
		case err != nil:
			return nil, err
		case s.mark == markApp0:
			out = append(out, s.raw...)
			continue
		case s.holds(markComment, commentHead), s.holds(markApp1, xmpHead), s.isManifest():
			continue
		}
		out, own = append(append(out, own...), s.raw...), nil
	}
	return out, nil
}

// xmpOf is the packet of a JPEG, nil if there is none.
func xmpOf(jpeg []byte) []byte {
	for s, err := range segments(jpeg) {
		if err == nil && s.holds(markApp1, xmpHead) {
			return s.data[len(xmpHead):]
		}
	}
	return nil
}

func (jpegFile) read(file []byte) (bare, error) {
	held := heldIn(xmpOf(file))
	held.label = nil
	for s, err := range segments(file) {
		if err != nil {
			return bare{}, err
		}
		if s.holds(markComment, commentHead) {
			held.label = append(held.label, s.data[len(commentHead):]...)
		}
	}
	return held, nil
}

// A jpegSegment is a segment of a JPEG: SOS and everything after it are one.
type jpegSegment struct {
	mark byte
	data []byte
	raw  []byte // with mark and length
}

func (s jpegSegment) holds(mark byte, head string) bool {
	return s.mark == mark && bytes.HasPrefix(s.data, []byte(head))
}

// isManifest reports whether a segment is one of a C2PA manifest, of which there is no other use of
// JUMBF in JPEGs of people (ISO 19566-5).
func (s jpegSegment) isManifest() bool {
	return s.mark == markApp11 && len(s.data) > jumbfHead && string(s.data[:2]) == "JP"
}

// segment appends a segment.
func segment(to []byte, mark byte, data []byte) []byte {
	to = append(to, 0xff, mark)
	return append(binary.BigEndian.AppendUint16(to, uint16(len(data)+2)), data...)
}

// segments yields the segments of a JPEG in order, or an error.
func segments(jpeg []byte) iter.Seq2[jpegSegment, error] {
	return func(yield func(jpegSegment, error) bool) {
		for rest := jpeg[len(startOfImage):]; ; {
			if len(rest) < 4 || rest[0] != 0xff {
				yield(jpegSegment{}, badinput.Errorf("the JPEG is damaged or cut short"))
				return
			}
			s := jpegSegment{mark: rest[1], raw: rest}
			if s.mark == markScan {
				yield(s, nil)
				return
			}
			end := 2 + int(binary.BigEndian.Uint16(rest[2:]))
			if end < 4 || end > len(rest) {
				yield(jpegSegment{}, badinput.Errorf("the JPEG is damaged or cut short"))
				return
			}
			s.data, s.raw = rest[4:end], rest[:end]
			if !yield(s, nil) {
				return
			}
			rest = rest[end:]
		}
	}
}
