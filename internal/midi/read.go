package midi

import (
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
	Truncated   = "truncated"       // the file or a track breaks off within an event
	Unended     = "no end of track" // nothing is missing but the event that ends a track
	OpenNotes   = "open notes"      // that never end: they end with their track
	Broken      = "broken"          // a track goes on with what is no message
	Wrapped     = "wrapped"         // other bytes stand before the file, between its tracks or behind it
	AfterEnd    = "after the end"   // a track goes on behind the event that ends it: no player plays that
	Disorder    = "wrong count"     // the file has other tracks than it says
	WrongLength = "wrong length"    // a header or a track has another length than it says
	Stray       = "stray messages"  // those of a cable, which no file has: they are passed over
)

// Lost is the repair that says that some of the music is missing, empty if none does.
func Lost(repairs map[string]int) string {
	for _, what := range []string{Truncated, Broken} {
		if repairs[what] > 0 {
			return what
		}
	}
	return ""
}

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
