package provenance

import (
	"bytes"
	"encoding/binary"
)

// A WAV is a RIFF file of chunks. Label and statement are texts of the chunk LIST INFO,
// the label a comment, the statement the source and a text of its own.
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
func (wavFile) write(file []byte, s Statement, label []byte) ([]byte, error) {
	out := bytes.Clone(file[:riffHead])
	own := []byte(wavInfo)
	for c, err := range riffFile(file, wavName) {
		if err != nil {
			return nil, err
		}
		if c.kind == riffManifest {
			continue
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
	if label != nil {
		own = appendChunk(own, wavLabel, append(append([]byte(midiLabel), label...), 0))
	}
	if s.Source != "" {
		own = appendChunk(own, wavStatement, append([]byte(midiStatement+s.Source), 0))
	}
	if s.AIGC != nil {
		own = appendChunk(own, aigcKey, append(s.AIGC.json(), 0))
	}
	if len(own) > len(wavInfo) {
		out = appendChunk(out, wavList, own)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead))
	return out, nil
}

// ofLabel recognizes the texts that write adds.
func ofLabel(text riffChunk) bool {
	return text.kind == aigcKey || text.kind == wavLabel && bytes.HasPrefix(text.data, []byte(midiLabel)) ||
		text.kind == wavStatement && bytes.HasPrefix(text.data, []byte(midiStatement))
}

func (wavFile) read(file []byte) (held bare, err error) {
	for c, err := range riffFile(file, wavName) {
		if err != nil {
			return bare{}, err
		}
		if c.kind != wavList || !bytes.HasPrefix(c.data, []byte(wavInfo)) {
			continue
		}
		for text, err := range riffChunks(c.data[len(wavInfo):], wavName) {
			if err != nil {
				return bare{}, err
			}
			value := bytes.TrimRight(text.data, "\x00")
			switch {
			case !ofLabel(text):
			case text.kind == aigcKey && held.aigc == nil:
				held.aigc = value
			case text.kind == wavLabel && held.label == nil:
				held.label = bytes.TrimPrefix(value, []byte(midiLabel))
			case text.kind == wavStatement:
				held.source = string(bytes.TrimPrefix(value, []byte(midiStatement)))
			}
		}
	}
	return held, nil
}
