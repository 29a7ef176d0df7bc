package provenance

import (
	"bytes"
	"encoding/binary"

	"atelier/internal/badinput"
)

// A FLAC file is a stream of metadata blocks and frames (RFC 9639). Label and statement are
// Vorbis comments.
type flacFile struct{}

const (
	flacMark      = "fLaC"
	flacBlockHead = 4
	flacLast      = 0x80 // flag of the last block
	flacComments  = 4    // kind of a block
	flacLabel     = "ATELIER="
	flacStatement = "DIGITALSOURCETYPE="
	flacAIGC      = aigcKey + "="
	flacLongest   = 1<<24 - 1 // bytes of a block
)

func (flacFile) is(file []byte) bool { return bytes.HasPrefix(file, []byte(flacMark)) }

// write puts label and statement into the comments, which are inserted after the first block if
// there are none.
func (flacFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	var own [][]byte
	if label != nil {
		own = append(own, append([]byte(flacLabel), label...))
	}
	if s.Source != "" {
		own = append(own, []byte(flacStatement+s.Source))
	}
	if s.AIGC != nil {
		own = append(own, append([]byte(flacAIGC), s.AIGC.json()...))
	}
	vendor := []byte("atelier")
	var kept [][]byte
	blocks, frames, err := flacBlocks(file)
	if err != nil {
		return nil, err
	}
	for _, b := range blocks {
		if b.kind != flacComments || len(b.data) == 0 { // which some programs write
			continue
		}
		var all [][]byte
		if vendor, all, err = vorbisComments(b.data); err != nil {
			return nil, err
		}
		for _, c := range all {
			if !bytes.HasPrefix(c, []byte(flacLabel)) && !bytes.HasPrefix(c, []byte(flacStatement)) && !bytes.HasPrefix(c, []byte(flacAIGC)) {
				kept = append(kept, c)
			}
		}
	}
	comments := flacBlock{flacComments, appendComments(nil, vendor, append(kept, own...))}
	if len(comments.data) > flacLongest {
		return nil, badinput.Errorf("the FLAC file has no room for its label")
	}
	written := []flacBlock{blocks[0], comments}
	for _, b := range blocks[1:] {
		if b.kind != flacComments {
			written = append(written, b)
		}
	}
	return writeFLAC(written, frames), nil
}

// writeFLAC puts blocks and frames together.
func writeFLAC(blocks []flacBlock, frames []byte) []byte {
	out := []byte(flacMark)
	for i, b := range blocks {
		head := uint32(b.kind)<<24 | uint32(len(b.data))
		if i == len(blocks)-1 {
			head |= flacLast << 24
		}
		out = append(binary.BigEndian.AppendUint32(out, head), b.data...)
	}
	return append(out, frames...)
}

func (flacFile) read(file []byte) (held bare, err error) {
	blocks, _, err := flacBlocks(file)
	if err != nil {
		return held, err
	}
	for _, b := range blocks {
		if b.kind != flacComments || len(b.data) == 0 { // which some programs write
			continue
		}
		_, all, err := vorbisComments(b.data)
		if err != nil {
			return bare{}, err
		}
		for _, c := range all {
			if label, ok := bytes.CutPrefix(c, []byte(flacLabel)); ok && held.label == nil {
				held.label = label
			}
			if source, ok := bytes.CutPrefix(c, []byte(flacStatement)); ok {
				held.source = string(source)
			}
			if aigc, ok := bytes.CutPrefix(c, []byte(flacAIGC)); ok {
				held.aigc = aigc
			}
		}
	}
	return held, nil
}

// A flacBlock is a metadata block.
type flacBlock struct {
	kind byte
	data []byte
}

// flacBlocks are the metadata blocks, at least one, and the rest.
func flacBlocks(file []byte) (blocks []flacBlock, frames []byte, err error) {
	rest := file[len(flacMark):]
	for last := false; !last; {
		if len(rest) < flacBlockHead {
			return nil, nil, badinput.Errorf("the FLAC file is damaged or cut short")
		}
		head := binary.BigEndian.Uint32(rest)
		last = head>>24&flacLast != 0
		size := int(head & flacLongest)
		if rest = rest[flacBlockHead:]; size > len(rest) {
			return nil, nil, badinput.Errorf("the FLAC file is damaged or cut short")
		}
		blocks = append(blocks, flacBlock{byte(head>>24) &^ flacLast, rest[:size]})
		rest = rest[size:]
	}
	return blocks, rest, nil
}

// vorbisComments reads the vendor string, and the comments.
func vorbisComments(b []byte) (vendor []byte, all [][]byte, err error) {
	next := func() ([]byte, bool) {
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return nil, false
		}
		n := int(binary.LittleEndian.Uint32(b))
		text := b[4 : 4+n]
		b = b[4+n:]
		return text, true
	}
	vendor, ok := next()
	if !ok || len(b) < 4 {
		return nil, nil, badinput.Errorf("the FLAC file is damaged: its comments cannot be read")
	}
	count := binary.LittleEndian.Uint32(b)
	b = b[4:]
	for range count {
		text, ok := next()
		if !ok {
			return nil, nil, badinput.Errorf("the FLAC file is damaged: its comments cannot be read")
		}
		all = append(all, text)
	}
	return vendor, all, nil
}

// appendComments writes comments.
func appendComments(to, vendor []byte, all [][]byte) []byte {
	text := func(t []byte) { to = append(binary.LittleEndian.AppendUint32(to, uint32(len(t))), t...) }
	text(vendor)
	to = binary.LittleEndian.AppendUint32(to, uint32(len(all)))
	for _, c := range all {
		text(c)
	}
	return to
}
