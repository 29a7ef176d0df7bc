package provenance

import (
	"bytes"
	"encoding/binary"

	"atelier/internal/badinput"
)

// A WebP is a RIFF file (RFC 9649). In the extended format, VP8X comes first and lists the others.
// The label is in the XMP packet, with the statement.
type webpFile struct{}

const (
	webpXMP     = "XMP "
	webpHasXMP  = 1 << 2 // flag of VP8X
	webpFeature = "VP8X"
)

func (webpFile) is(file []byte) bool {
	return isRIFF(file, "WEBP")
}

// write puts the packet at the end.
func (webpFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	out := bytes.Clone(file[:riffHead])
	var old []byte
	for c, err := range riffFile(file, "WebP") {
		switch {
		case err != nil:
			return nil, err
		case len(out) == riffHead && (c.kind != webpFeature || len(c.data) == 0):
			return nil, badinput.Errorf("the WebP has no room for a label: it is not in the extended format")
		case c.kind == webpXMP:
			old = c.data
			continue
		case c.kind == riffManifest:
			continue
		}
		at := len(out)
		out = append(out, c.raw...)
		if c.kind == webpFeature {
			out[at+chunkHead] &^= webpHasXMP
		}
	}
	if packet := stated(old, s, label); packet != nil {
		out[riffHead+chunkHead] |= webpHasXMP
		out = appendChunk(out, webpXMP, packet)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead))
	return out, nil
}

func (webpFile) read(file []byte) (bare, error) {
	for c, err := range riffFile(file, "WebP") {
		if err != nil {
			return bare{}, err
		}
		if c.kind == webpXMP {
			return heldIn(c.data), nil
		}
	}
	return bare{}, nil
}
