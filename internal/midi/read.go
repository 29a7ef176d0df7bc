package midi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The limits of a file.
const (
	MaxBytes  = 16 << 20
	MaxTracks = 1 << 10
	maxEvents = 1 << 19
)

// The repairs that [Read] makes.
const (
	Truncated = "truncated"   // the file or a track breaks off
	OpenNotes = "open notes"  // that never end: they end with their track
	Broken    = "broken"      // a track goes on with what is no message
	Wrapped   = "wrapped"     // other bytes come before the file
	Disorder  = "wrong count" // the file has other tracks than it says
)

// Read reads a file of type 0 or 1. What was read before a track breaks off is kept.
// Repairs counts what was mended; a file that [Song.Write] wrote has none. The errors
// complete a sentence that begins with the name of the file.
func Read(file []byte) (s *Song, repairs map[string]int, err error) {
	if len(file) > MaxBytes {
		return nil, nil, fmt.Errorf("has %d bytes; a MIDI file may have %d", len(file), MaxBytes)
	}
	r := reader{song: &Song{}, repairs: map[string]int{}}
	tracks, err := r.header(file)
	if err != nil {
		return nil, nil, err
	}
	if err := r.tracks(tracks); err != nil {
		return nil, nil, err
	}
	r.song.Sort()
	return r.song, r.repairs, nil
}

// A reader reads a file. The library for MIDI files that writes them is not used
// here: of a broken file it gives nothing at all, and some it cannot survive.
type reader struct {
	song    *Song
	repairs map[string]int
	kind    int // 0 for one track, 1 for several at once
	seconds bool
	claimed int // tracks
	events  int
}

// header reads the first chunk and returns what follows it.
func (r *reader) header(file []byte) (rest []byte, err error) {
	const size = 14
	at := bytes.Index(file[:min(len(file), 64)], []byte("MThd"))
	if at < 0 || len(file) < at+size {
		return nil, errors.New("is no MIDI file: it has no header")
	}
	if at > 0 {
		r.repairs[Wrapped]++
	}
	header, rest := file[at:at+size], file[at+size:]
	if extra := int64(binary.BigEndian.Uint32(header[4:])) - 6; extra > 0 {
		rest = rest[min(extra, int64(len(rest))):]
	}
	r.kind = int(binary.BigEndian.Uint16(header[8:]))
	if r.kind > 1 {
		return nil, fmt.Errorf("is a MIDI file of type %d; type 0 and 1 are read", r.kind)
	}
	r.claimed = int(binary.BigEndian.Uint16(header[10:]))
	return rest, r.division(header[12], header[13])
}

// division reads how ticks are counted: in quarter notes, or in frames of a film.
func (r *reader) division(high, low byte) error {
	r.song.Quarter = int(high)<<8 | int(low)
	if high < 0x80 {
		if r.song.Quarter == 0 {
			return errors.New("has quarter notes of 0 ticks")
		}
		return nil
	}
	frames := -int(int8(high))
	r.seconds = true
	tempo := Tempo{Micros: 1_000_000}
	switch frames {
	case 24, 25, 30:
	case 29: // 30000/1001 frames a second
		frames, tempo.Micros = 30, 1_001_000
	default:
		return fmt.Errorf("counts time in %d frames a second; 24, 25, 29 and 30 are in use", frames)
	}
	if low == 0 {
		return errors.New("counts time in frames of 0 ticks")
	}
	r.song.Quarter = frames * int(low)
	r.song.Tempos = append(r.song.Tempos, tempo)
	return nil
}

// tracks reads the chunks behind the header.
func (r *reader) tracks(rest []byte) error {
	for len(rest) >= 8 {
		name, size := string(rest[:4]), int64(binary.BigEndian.Uint32(rest[4:]))
		rest = rest[8:]
		whole := size <= int64(len(rest))
		chunk := rest[:min(size, int64(len(rest)))]
		rest = rest[len(chunk):]
		if name != "MTrk" {
			if !whole && r.song.Tracks < r.claimed {
				r.repairs[Truncated]++
			}
			continue // of a program's own
		}
		if r.song.Tracks == MaxTracks {
			return fmt.Errorf("has more than %d tracks", MaxTracks)
		}
		t := trackReader{reader: r, rest: chunk}
		if err := t.read(); err != nil {
			return err
		}
		r.song.Tracks++
	}
	switch {
	case r.song.Tracks == 0:
		return errors.New("has no tracks")
	case r.song.Tracks != r.claimed:
		r.repairs[Disorder]++
	case r.kind == 0 && r.song.Tracks > 1:
		r.repairs[Disorder]++
	}
	return nil
}
