package provenance

import (
	"bytes"
	"encoding/binary"
	"iter"

	"atelier/internal/badinput"
)

// A WebP is a RIFF of chunks (RFC 9649). In the extended format, VP8X comes first and
// says which others there are. The label is in the packet of XMP, with the statement.
type webpFile struct{}

const (
	riffHead    = 12 // bytes before the first chunk
	webpHead    = 8  // bytes of a chunk before its data
	webpXMP     = "XMP "
	webpHasXMP  = 1 << 2 // flag of VP8X
	webpFeature = "VP8X"
)

func (webpFile) is(file []byte) bool {
	return len(file) >= riffHead && string(file[:4]) == "RIFF" && string(file[8:riffHead]) == "WEBP"
}

// write puts the packet at the end.
func (webpFile) write(file, label []byte) ([]byte, error) {
	out := bytes.Clone(file[:riffHead])
	for c, err := range webpChunks(file) {
		switch {
		case err != nil:
			return nil, err
		case len(out) == riffHead && (c.kind != webpFeature || len(c.data) == 0):
			return nil, badinput.Errorf("the WebP has no room for a label: it is not in the extended format")
		case c.kind == webpXMP:
			continue
		}
		at := len(out)
		out = append(out, c.raw...)
		if c.kind == webpFeature {
			out[at+webpHead] |= webpHasXMP
		}
	}
	packet := xmp(label)
	out = append(out, webpXMP...)
	out = append(binary.LittleEndian.AppendUint32(out, uint32(len(packet))), packet...)
	if len(packet)%2 > 0 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

func (webpFile) read(file []byte) ([]byte, error) {
	for c, err := range webpChunks(file) {
		if err != nil {
			return nil, err
		}
		if c.kind == webpXMP {
			return labelIn(c.data), nil
		}
	}
	return nil, nil
}

// A webpChunk is one part of a WebP.
type webpChunk struct {
	kind string
	data []byte
	raw  []byte // with kind, length and what fills it up
}

// webpChunks yields the chunks of a WebP in order, or what is wrong with it. A chunk
// of an odd number of bytes is followed by one that fills it up.
func webpChunks(webp []byte) iter.Seq2[webpChunk, error] {
	return func(yield func(webpChunk, error) bool) {
		rest := webp[riffHead:]
		if size := uint64(binary.LittleEndian.Uint32(webp[4:])) + 8 - riffHead; size < uint64(len(rest)) {
			rest = rest[:size] // what is behind the RIFF does not belong to it
		}
		for len(rest) > 0 {
			if len(rest) < webpHead || uint64(binary.LittleEndian.Uint32(rest[4:])) > uint64(len(rest)-webpHead) {
				yield(webpChunk{}, badinput.Errorf("the WebP is cut short"))
				return
			}
			end := webpHead + int(binary.LittleEndian.Uint32(rest[4:]))
			whole := min(end+end%2, len(rest))
			if !yield(webpChunk{string(rest[:4]), rest[webpHead:end], rest[:whole]}, nil) {
				return
			}
			rest = rest[whole:]
		}
	}
}
