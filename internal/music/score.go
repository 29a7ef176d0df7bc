// Package music reads and writes pieces of music as MIDI, ABC and MusicXML files, by way
// of one score that the three have in common.
package music

import (
	"cmp"
	"fmt"
	"slices"

	"atelier/internal/badinput"
	"atelier/internal/midi"
)

// A Score is a piece of music: its parts, with everything that applies to all of them.
// Places and lengths are in ticks.
type Score struct {
	// Quarter is the number of ticks per quarter note, 1 to 32767.
	Quarter int
	// Title and Composer are empty if they are not known.
	Title, Composer string
	// Parts are in the order of the file; none is without notes.
	Parts []Part
	// Tempos, Meters, Keys and Chords are sorted by their place.
	Tempos []midi.Tempo
	Meters []midi.Meter
	Keys   []Key
	Chords []Chord
	// SaysKey reports that the file names its first key on purpose: where it does not, C major may
	// be no more than what programs write that do not know.
	SaysKey bool
	// Events are the messages that only MIDI files hold, such as controllers, lyrics and
	// markers. Their Track is the index of a part, or -1 for all of them.
	Events []midi.Event
	// End is the tick at which the piece ends, with its last rest.
	End int64
}

// A Part is what one instrument plays.
type Part struct {
	Name    string
	Channel uint8 // of MIDI, 0 to 15; that of drums is [midi.DrumChannel]
	Notes   []Note
}

// A Note sounds from a tick on.
type Note struct {
	At, Length int64
	Pitch      uint8 // 0 to 127, 60 is middle C; of drums, which one is struck
	Velocity   uint8 // 1 to 127
	Program    uint8 // the instrument of General MIDI, 0 to 127
}

// A Key is the key signature from a tick on.
type Key struct {
	At     int64
	Fifths int // sharps, or flats below 0: -7 to 7
	Minor  bool
}

// A Chord is a chord symbol, such as Am7, at a tick.
type Chord struct {
	At   int64
	Name string
}

// usualVelocity is that of notes whose file says nothing of it.
const usualVelocity = 80

// Drums reports whether the part is one of drums.
func (p *Part) Drums() bool { return p.Channel == midi.DrumChannel }

// Program is the instrument that the part begins with.
func (p *Part) Program() uint8 {
	if len(p.Notes) == 0 {
		return 0
	}
	return p.Notes[0].Program
}

// Sort puts everything in its order.
func (s *Score) Sort() {
	for i := range s.Parts {
		slices.SortFunc(s.Parts[i].Notes, func(a, b Note) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Pitch, b.Pitch), cmp.Compare(a.Length, b.Length),
				cmp.Compare(a.Velocity, b.Velocity), cmp.Compare(a.Program, b.Program))
		})
	}
	slices.SortStableFunc(s.Tempos, func(a, b midi.Tempo) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Meters, func(a, b midi.Meter) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Keys, func(a, b Key) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Chords, func(a, b Chord) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Events, func(a, b midi.Event) int { return cmp.Compare(a.At, b.At) })
	s.Tempos = lastOfEach(s.Tempos, func(t midi.Tempo) int64 { return t.At })
	s.Meters = lastOfEach(s.Meters, func(m midi.Meter) int64 { return m.At })
	s.Keys = lastOfEach(s.Keys, func(k Key) int64 { return k.At })
	s.End = max(s.End, s.lastEnd())
}

// lastOfEach keeps the last of those at the same place.
func lastOfEach[T any](all []T, at func(T) int64) []T {
	var kept []T
	for i, x := range all {
		if i+1 == len(all) || at(all[i+1]) != at(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

// lastEnd is the tick at which the last note ends.
func (s *Score) lastEnd() (end int64) {
	for _, p := range s.Parts {
		for _, n := range p.Notes {
			end = max(end, n.At+n.Length)
		}
	}
	return end
}

// Notes is the number of notes.
func (s *Score) Notes() (n int) {
	for _, p := range s.Parts {
		n += len(p.Notes)
	}
	return n
}

// Clock returns a function that tells the time of ticks in microseconds. Ticks must be
// given in order.
func (s *Score) Clock() func(tick int64) int64 { return midi.Clock(s.Quarter, s.Tempos) }

// Micros is the length of the piece in microseconds, up to the end of its last note.
func (s *Score) Micros() int64 { return s.Clock()(s.lastEnd()) }

// Limits of a piece that is read.
const (
	longest      = 24 * 60 * 60 * 1_000_000 // microseconds
	mostQuarters = 1 << 23                  // whose ticks fit a MIDI file, however many a quarter note has
)

// Clock formats a length in microseconds as h:mm:ss, to the nearest second.
func Clock(micros int64) string {
	s := micros/1_000_000 + micros%1_000_000/500_000
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// checkLength refuses a piece that is said to last longer than any does.
func (s *Score) checkLength() error {
	if micros := s.Micros(); micros > longest {
		return badinput.Errorf("is said to last %s; at most %s is read: its times may be damaged", Clock(micros), Clock(longest))
	}
	if quarters := max(s.End, s.lastEnd()) / int64(s.Quarter); quarters > mostQuarters {
		return badinput.Errorf("is said to have %d quarter notes; at most %d are read: its times may be damaged", quarters, mostQuarters)
	}
	return nil
}

// Meter is the meter at a tick, 4/4 if there is none.
func (s *Score) Meter(tick int64) midi.Meter {
	meter := midi.Meter{Count: 4, Unit: 4}
	for _, m := range s.Meters {
		if m.At > tick {
			break
		}
		meter = m
	}
	return meter
}

// Rescaled returns a copy of the score with another number of ticks per quarter note, and
// the number of notes whose place or length had to be rounded. No note becomes shorter
// than a tick.
func (s *Score) Rescaled(quarter int) (_ *Score, rounded int) {
	from, to := int64(s.Quarter), int64(quarter)
	tick := func(t int64) int64 { return (2*t*to + from) / (2 * from) }
	out := *s
	out.Quarter, out.End, out.Parts = quarter, tick(s.End), slices.Clone(s.Parts)
	for i := range out.Parts {
		notes := slices.Clone(out.Parts[i].Notes)
		for j, n := range notes {
			at, end := tick(n.At), tick(n.At+n.Length)
			if at*from != n.At*to || end*from != (n.At+n.Length)*to {
				rounded++
			}
			notes[j].At, notes[j].Length = at, max(1, end-at)
		}
		out.Parts[i].Notes = notes
	}
	out.Tempos, out.Meters, out.Keys, out.Chords, out.Events = slices.Clone(s.Tempos), slices.Clone(s.Meters), slices.Clone(s.Keys), slices.Clone(s.Chords), slices.Clone(s.Events)
	for i := range out.Tempos {
		out.Tempos[i].At = tick(out.Tempos[i].At)
	}
	for i := range out.Meters {
		out.Meters[i].At = tick(out.Meters[i].At)
	}
	for i := range out.Keys {
		out.Keys[i].At = tick(out.Keys[i].At)
	}
	for i := range out.Chords {
		out.Chords[i].At = tick(out.Chords[i].At)
	}
	for i := range out.Events {
		out.Events[i].At = tick(out.Events[i].At)
	}
	out.Sort()
	return &out, rounded
}
