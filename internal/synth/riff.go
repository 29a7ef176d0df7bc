package synth

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	riffName = 4 // bytes of a chunk's name
	riffHead = 8 // bytes of a chunk's name and length
)

// fontParts are what is played of a SoundFont: its samples, and the tables of its instruments by name.
type fontParts struct {
	samples []byte
	tables  map[string][]byte
}

// partsOf finds the parts of a font.
func partsOf(file []byte) (p fontParts, err error) {
	const name = riffHead + riffName
	if len(file) < name || string(file[:riffName]) != "RIFF" || string(file[riffHead:name]) != "sfbk" {
		return p, errors.New("is not a SoundFont: want .sf2 or .sf3")
	}
	err = eachChunk(file[name:], func(kind string, list []byte) error {
		if kind != "LIST" || len(list) < riffName {
			return nil
		}
		tables := string(list[:riffName]) == "pdta"
		if tables {
			p.tables = map[string][]byte{}
		}
		return eachChunk(list[riffName:], func(kind string, data []byte) error {
			switch {
			case tables:
				p.tables[kind] = data
			case kind == "smpl":
				p.samples = data
			}
			return nil
		})
	})
	if err == nil && (p.samples == nil || p.tables == nil) {
		err = errors.New("is a SoundFont without samples or instruments, or one that is cut short")
	}
	return p, err
}

// eachChunk calls a function with the chunks of a RIFF file.
func eachChunk(b []byte, do func(kind string, data []byte) error) error {
	for len(b) >= riffHead {
		size := int64(binary.LittleEndian.Uint32(b[riffName:]))
		if size > int64(len(b)-riffHead) {
			return fmt.Errorf("is a SoundFont that is cut short: its chunk %q should have %d bytes, and there are %d", b[:riffName], size, len(b)-riffHead)
		}
		if err := do(string(b[:riffName]), b[riffHead:riffHead+size]); err != nil {
			return err
		}
		if b = b[riffHead+size:]; size%2 == 1 && len(b) > 0 && !named(b) {
			b = b[1:]
		}
	}
	return nil
}

// named reports whether a chunk begins here: MuseScore leaves out the byte that pads one of odd
// length.
func named(b []byte) bool {
	for _, c := range b[:min(len(b), riffName)] {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return len(b) >= riffHead
}
