package picture

import (
	"encoding/binary"
	"slices"
	"strings"
)

// The flags of the chunk VP8X.
const (
	webpAnimated = 1 << 1
	webpXMP      = 1 << 2
	webpEXIF     = 1 << 3
	webpAlpha    = 1 << 4
	webpICC      = 1 << 5
)

// openWebP splits a WebP (RFC 9649) into chunks. An animation is represented by its first frame.
func (f *File) openWebP() error {
	b := f.source
	if uint64(binary.LittleEndian.Uint32(b[4:]))+8 > uint64(len(b)) {
		return damaged("it is said to have %d bytes and has %d", binary.LittleEndian.Uint32(b[4:])+8, len(b))
	}
	end := int(binary.LittleEndian.Uint32(b[4:])) + 8
	if end < len(b) {
		f.whole = false // the rest is dropped with the next copy
	}
	return f.webpChunks(b[min(12, end):end])
}

// webpChunks records the chunks of a file or of a frame.
func (f *File) webpChunks(b []byte) error {
	for len(b) > 0 {
		if len(b) < 8 || uint64(binary.LittleEndian.Uint32(b[4:])) > uint64(len(b)-8) {
			return damaged("a chunk ends after the file")
		}
		body := b[8 : 8+int(binary.LittleEndian.Uint32(b[4:]))]
		next := min(8+len(body)+len(body)&1, len(b))
		if err := f.webpChunk(string(b[:4]), b[:next], body); err != nil {
			return err
		}
		b = b[next:]
	}
	return nil
}

func (f *File) webpChunk(name string, raw, body []byte) error {
	switch name {
	case "VP8 ", "VP8L":
		width, height, ok := webpSize(name, body)
		if !ok {
			return damaged("the frame is too short")
		}
		if f.Width > 0 {
			f.add(later, raw)
			return nil
		}
		f.memory += 8 * width * height // the colours, before and after conversion
		f.add(needed, raw)
		return f.setSize(width, height)
	case "ANMF":
		if f.Width > 0 || len(body) < 16 {
			f.add(later, raw)
			return nil
		}
		f.whole = false
		f.add(later, nil)
		return f.webpChunks(body[16:])
	case "ANIM":
		f.add(later, raw)
	case "VP8X":
		if len(body) < 10 {
			return damaged("the header is too short")
		}
		width, height := get24(body[4:])+1, get24(body[7:])+1
		if width > MaxPixels/height {
			return (&File{}).setSize(width, height)
		}
		if body[0]&webpAlpha != 0 {
			f.memory += 5 * width * height // a picture by itself
		}
		f.add(needed, raw)
	case "ALPH":
		f.add(needed, raw)
	case "ICCP":
		f.icc = body
		f.add(profile, raw)
	case "EXIF", "Exif", "exif":
		f.tiff = append(f.tiff, tiffIn(body))
		f.add(exif, raw)
	case "XMP ", "xmp ":
		f.xmp = append(f.xmp, body)
		f.add(about, raw)
	default:
		f.add(about, raw)
	}
	return nil
}

// webpSize reads the size of a frame from its own header.
func webpSize(name string, body []byte) (width, height int, ok bool) {
	if len(body) < 10 {
		return 0, 0, false
	}
	if name == "VP8L" {
		bits := binary.LittleEndian.Uint32(body[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1, true
	}
	return int(binary.LittleEndian.Uint16(body[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(body[8:]) & 0x3fff), true
}

func webpChunk(name string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// riff wraps the chunks in their container.
func riff(chunks []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunks)+4))
	return append(append(b, "WEBP"...), chunks...)
}

// flagWebP updates the flags and the size in the chunk VP8X, if there is one.
func (f *File) flagWebP() {
	for i, p := range f.parts {
		if f.Format != WebP || p.role != needed || len(p.raw) < 18 || string(p.raw[:4]) != "VP8X" {
			continue
		}
		raw := slices.Clone(p.raw)
		flags := raw[8] &^ (webpAnimated | webpXMP | webpEXIF | webpICC)
		if f.has(profile) {
			flags |= webpICC
		}
		if f.has(exif) {
			flags |= webpEXIF
		}
		if f.hasXMP() {
			flags |= webpXMP
		}
		if f.hasChunk("VP8 ") {
			flags &^= webpAlpha
		}
		if f.hasChunk("ALPH") {
			flags |= webpAlpha
		}
		raw[8] = flags
		put24(raw[12:], f.Width-1)
		put24(raw[15:], f.Height-1)
		f.parts[i].raw = raw
	}
}

func (f *File) hasXMP() bool {
	return slices.ContainsFunc(f.parts, func(p part) bool {
		return p.role == about && len(p.raw) > 8 && strings.EqualFold(string(p.raw[:4]), "XMP ")
	})
}

func (f *File) hasChunk(name string) bool {
	return slices.ContainsFunc(f.parts, func(p part) bool { return p.role == needed && len(p.raw) > 8 && string(p.raw[:4]) == name })
}

func get24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func put24(b []byte, v int) { b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16) }
