package provenance

import (
	"encoding/binary"

	"atelier/internal/badinput"
	"atelier/internal/midi"
	"atelier/internal/music"
)

const (
	midiMeta  = 0xff // first byte of events that are no sound
	midiKey   = 0x59 // the key signature, the only one of them that is kept
	flacHead  = 0    // kinds of blocks that decoding needs
	flacSeeks = 3
)

// Anonymous returns a tune or a recording that sounds the same without what its file says of
// itself: labels, titles, names of parts, comments and lyrics. Files of other formats are
// returned as they are.
func Anonymous(file []byte) ([]byte, error) {
	switch format := music.FormatOf(file); {
	case format == music.MIDI:
		song, _, err := midi.Read(file)
		if err != nil {
			return nil, badinput.Errorf("the MIDI file %w", err)
		}
		var kept []midi.Event
		for _, e := range song.Events {
			if m := e.Message; len(m) > 1 && (m[0] != midiMeta || m[1] == midiKey) {
				kept = append(kept, e)
			}
		}
		song.Events = kept
		return song.Write()
	case format != "":
		piece, err := music.Read(file)
		if err != nil {
			return nil, badinput.Errorf("the tune %w", err)
		}
		piece.Title, piece.Composer, piece.Events = "", "", nil
		for i := range piece.Parts {
			piece.Parts[i].Name = ""
		}
		out, _, err := piece.Write(format)
		return out, err
	case flacFile{}.is(file):
		return anonymousFLAC(file)
	case wavFile{}.is(file):
		return anonymousWAV(file)
	}
	return file, nil
}

func anonymousFLAC(file []byte) ([]byte, error) {
	blocks, frames, err := flacBlocks(file)
	if err != nil {
		return nil, err
	}
	kept := blocks[:1]
	for _, b := range blocks[1:] {
		if b.kind == flacHead || b.kind == flacSeeks {
			kept = append(kept, b)
		}
	}
	return writeFLAC(kept, frames), nil
}

func anonymousWAV(file []byte) ([]byte, error) {
	out := append([]byte(nil), file[:riffHead]...)
	for c, err := range riffFile(file, wavName) {
		if err != nil {
			return nil, err
		}
		if c.kind == "fmt " || c.kind == "fact" || c.kind == "data" {
			out = append(out, c.raw...)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-chunkHead))
	return out, nil
}
