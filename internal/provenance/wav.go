package provenance

import (
	"bytes"
	"encoding/binary"
)

// A WAV is a RIFF file of chunks. Label and statement are texts of the chunk LIST INFO,
// the label a comment, the statement the source.
type wavFile struct{}

const (
	wavInfo      = "INFO"
	wavList      = "LIST"
	wavLabel     = "ICMT"
	wavStatement = "ISRC"
	wavName      = "WAV or AVI file"
)

func (wavFile) is(file []byte) bool { return isRIFF(file, "WAVE") }

// write puts label and statement into the chunk LIST INFO, which is moved to the end.
func (wavFile) write(file []byte, source Source, label []byte) ([]byte, error) {
	out := bytes.Clone(file[:riffHead])
	own := []byte(wavInfo)
	for c, err := range riffFile(file, wavName) {
		if err != nil {
			return nil, err
		}
		if c.kind != wavList || !bytes.HasPrefix(c.data, []byte(wavInfo)) {
			out = append(out, c.raw...)
			continue
		}
		for text, err := range riffChunks(c.data[len(wavInfo):], wavName) {
			switch {
			case err != nil:
				return nil, err
			case !ofLabel(text):
				own = appendChunk(own, text.kind, text.data)
			}
		}
	}
	own = appendChunk(own, wavLabel, append(append([]byte(midiLabel), label...), 0))
	own = appendChunk(own, wavStatement, append([]byte(midiStatement+source.address()), 0))
	out = appendChunk(out, wavList, own)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead))
	return out, nil
}

// ofLabel recognizes the texts that write adds.
func ofLabel(text riffChunk) bool {
	return text.kind == wavLabel && bytes.HasPrefix(text.data, []byte(midiLabel)) ||
		text.kind == wavStatement && bytes.HasPrefix(text.data, []byte(midiStatement))
}

func (wavFile) read(file []byte) ([]byte, error) {
	for c, err := range riffFile(file, wavName) {
		if err != nil {
			return nil, err
		}
		if c.kind != wavList || !bytes.HasPrefix(c.data, []byte(wavInfo)) {
			continue
		}
		for text, err := range riffChunks(c.data[len(wavInfo):], wavName) {
			if err != nil {
				return nil, err
			}
			if text.kind == wavLabel && ofLabel(text) {
				return bytes.TrimRight(text.data[len(midiLabel):], "\x00"), nil
			}
		}
	}
	return nil, nil
}
