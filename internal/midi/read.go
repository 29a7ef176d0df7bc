package midi

import (
	"errors"
	"fmt"
)

// Limits of a file.
const (
	MaxBytes  = 16 << 20
	MaxTracks = 1 << 10
	maxEvents = 1 << 19
)

// The repairs that [Read] makes.
const (
	Truncated   = "truncated"       // the file or a track ends within an event
	Unended     = "no end of track" // only the end-of-track event is missing
	OpenNotes   = "open notes"      // notes that never end: they end with their track
	Broken      = "broken"          // a track continues with something other than a message
	Wrapped     = "wrapped"         // foreign bytes before the file, between its tracks or after it
	AfterEnd    = "after the end"   // a track continues after its end-of-track event: players ignore that
	Disorder    = "wrong count"     // the number of tracks differs from the header
	WrongLength = "wrong length"    // the length of a header or a track differs from the declared one
	ZeroTempo   = "tempos of 0"     // ignored, since time would stand still
	Stray       = "stray messages"  // messages of a live connection, which files do not have: they are skipped
)

// patterns is the file type whose tracks are separate pieces.
const patterns = 2

// Lost is a repair that implies missing music, empty if there was none.
func Lost(repairs map[string]int) string {
	for _, what := range []string{Truncated, Broken} {
		if repairs[what] > 0 {
			return what
		}
	}
	return ""
}

// Read reads a file of any type; the tracks of type 2 are played one after another. Whatever
// precedes a truncation is kept. Repairs counts what was repaired; a file written by [Song.Write]
// needs none. The errors complete a sentence that begins with the name of the file.
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

// A reader reads a file. The MIDI library used for writing is not used here: it returns nothing
// from a broken file, and crashes on some.
type reader struct {
	song    *Song
	repairs map[string]int
	kind    int // 0 for one track, 1 for several at once, 2 for patterns
	seconds bool
	claimed int // declared number of tracks
	events  int
}

// division reads the time base: ticks per quarter note, or per film frame.
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
