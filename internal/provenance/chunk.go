package provenance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"iter"

	"atelier/internal/badinput"
)

// A PNG is its signature and chunks up to IEND (ISO/IEC 15948).
const signature = "\x89PNG\r\n\x1a\n"

// frame is what a chunk has beside its data: length, kind and checksum.
const frame = 12

// A chunk is one part of a PNG.
type chunk struct {
	kind string
	data []byte
	raw  []byte // with length, kind and checksum
}

// chunks yields the chunks of a PNG in order, or what is wrong with it.
func chunks(png []byte) iter.Seq2[chunk, error] {
	return func(yield func(chunk, error) bool) {
		rest, ok := bytes.CutPrefix(png, []byte(signature))
		if !ok {
			yield(chunk{}, badinput.Errorf("not a PNG file"))
			return
		}
		for first := true; ; first = false {
			c, err := next(rest)
			if err == nil && first && c.kind != "IHDR" {
				err = errors.New("the PNG is damaged: it does not begin with IHDR")
			}
			if !yield(c, err) || err != nil || c.kind == "IEND" {
				return
			}
			rest = rest[len(c.raw):]
		}
	}
}

// next reads the chunk at the beginning of data.
func next(data []byte) (chunk, error) {
	if len(data) < frame {
		return chunk{}, badinput.Errorf("the PNG is cut short")
	}
	length, kind := binary.BigEndian.Uint32(data), string(data[4:8])
	if uint64(length) > uint64(len(data)-frame) {
		return chunk{}, badinput.Errorf("the PNG is cut short: chunk %q should have %d bytes, %d are left", kind, length, len(data)-frame)
	}
	end := 8 + int(length)
	if crc32.ChecksumIEEE(data[4:end]) != binary.BigEndian.Uint32(data[end:]) {
		return chunk{}, badinput.Errorf("the PNG is damaged: the checksum of chunk %q is wrong", kind)
	}
	return chunk{kind, data[8:end], data[:end+4]}, nil
}

// internationalText makes an iTXt chunk: keyword, a zero, not compressed (two
// zeros), no language (a zero), no translated keyword (a zero), UTF-8 text.
func internationalText(keyword string, text []byte) []byte {
	raw := binary.BigEndian.AppendUint32(nil, uint32(len(keyword)+5+len(text)))
	raw = append(raw, "iTXt"+keyword+"\x00\x00\x00\x00\x00"...)
	raw = append(raw, text...)
	return binary.BigEndian.AppendUint32(raw, crc32.ChecksumIEEE(raw[4:]))
}

// keyword is that of an iTXt chunk, empty for others.
func (c chunk) keyword() string {
	keyword, _, found := bytes.Cut(c.data, []byte{0})
	if c.kind != "iTXt" || !found {
		return ""
	}
	return string(keyword)
}

// text is that of an iTXt chunk.
func (c chunk) text() ([]byte, error) {
	parts := bytes.SplitN(c.data, []byte{0}, 2)
	if len(parts) < 2 || len(parts[1]) < 2 || parts[1][0] != 0 {
		return nil, errors.New("the Atelier label is damaged: another program compressed it or cut it short")
	}
	parts = bytes.SplitN(parts[1][2:], []byte{0}, 3) // language, translated keyword, text
	if len(parts) < 3 {
		return nil, errors.New("the Atelier label is damaged: it is cut short")
	}
	return parts[2], nil
}
