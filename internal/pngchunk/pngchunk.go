// Package pngchunk reads and writes the chunks of PNG files (ISO/IEC 15948).
package pngchunk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"iter"

	"atelier/internal/badinput"
)

// Signature is the beginning of every PNG; chunks up to IEND follow.
const Signature = "\x89PNG\r\n\x1a\n"

// animationControl is the chunk that makes a PNG an animation; there is one (PNG, W3C 2025, 11.3.6.1).
const animationControl = "acTL"

// frame is the size of a chunk without its data: length, kind and checksum.
const frame = 12

// A Chunk is a chunk of a PNG.
type Chunk struct {
	Kind string
	Data []byte
	Raw  []byte // with length, kind and checksum
}

// Append appends a chunk.
func Append(to []byte, kind string, data []byte) []byte {
	at := len(to) + 4
	to = binary.BigEndian.AppendUint32(to, uint32(len(data)))
	to = append(append(to, kind...), data...)
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[at:]))
}

// All yields the chunks of a PNG in order, or an error.
func All(png []byte) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		rest, ok := bytes.CutPrefix(png, []byte(Signature))
		if !ok {
			yield(Chunk{}, badinput.Errorf("not a PNG file"))
			return
		}
		for first := true; ; first = false {
			c, err := next(rest)
			if err == nil && first && c.Kind != "IHDR" {
				err = errors.New("the PNG is damaged: it does not begin with IHDR")
			}
			if !yield(c, err) || err != nil || c.Kind == "IEND" {
				return
			}
			rest = rest[len(c.Raw):]
		}
	}
}

// Insert puts chunks near the beginning of a PNG: after IHDR, and after the acTL of an animation, which
// moves there if it stood further behind. With late those of an animation go to its end instead: ffmpeg
// takes one for a still picture if many kilobytes lie before its first IDAT. Chunks for which drop is true are left out. at is where the new chunks begin.
func Insert(png, chunks []byte, late bool, drop func(Chunk) bool) (out []byte, at int, err error) {
	var control []byte
	for c, err := range All(png) {
		if err != nil {
			return nil, 0, err
		}
		if c.Kind == animationControl && control == nil {
			control = c.Raw
		}
	}
	out = make([]byte, 0, len(png)+len(chunks))
	out = append(out, Signature...)
	for c := range All(png) {
		if c.Kind == animationControl || drop(c) {
			continue
		}
		end := late && control != nil
		if end && c.Kind == "IEND" {
			at = len(out)
			out = append(out, chunks...)
		}
		out = append(out, c.Raw...)
		if c.Kind == "IHDR" {
			out = append(out, control...)
		}
		if c.Kind == "IHDR" && !end {
			at = len(out)
			out = append(out, chunks...)
		}
	}
	return out, at, nil
}

// next reads the chunk at the beginning of data.
func next(data []byte) (Chunk, error) {
	if len(data) < frame {
		return Chunk{}, badinput.Errorf("the PNG is cut short")
	}
	length, kind := binary.BigEndian.Uint32(data), string(data[4:8])
	if uint64(length) > uint64(len(data)-frame) {
		return Chunk{}, badinput.Errorf("the PNG is cut short: chunk %q should have %d bytes, %d are left", kind, length, len(data)-frame)
	}
	end := 8 + int(length)
	if crc32.ChecksumIEEE(data[4:end]) != binary.BigEndian.Uint32(data[end:]) {
		return Chunk{}, badinput.Errorf("the PNG is damaged: the checksum of chunk %q is wrong", kind)
	}
	return Chunk{kind, data[8:end], data[:end+4]}, nil
}
