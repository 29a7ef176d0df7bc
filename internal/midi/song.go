// Package midi reads untrusted Standard MIDI Files into notes, and writes them back.
package midi

import (
	"cmp"
	"slices"
)

// The channel of drums in General MIDI, from 0.
const DrumChannel = 9

// Defaults at the start of a file.
const (
	defaultTempo = 500_000 // microseconds per quarter note: 120 beats a minute
	lastTick     = 1 << 38 // at the slowest tempo, its microseconds fit an int64
)

// A Song is the contents of a file.
type Song struct {
	// Quarter is the number of ticks per quarter note, 1 to 32767. Files whose ticks are fractions
	// of a second get quarter notes of half a second or more.
	Quarter int
	// Tracks is the number of tracks, at least 1.
	Tracks int
	// Notes are sorted by start, track, channel, pitch and end.
	Notes []Note
	// Tempos and Meters are sorted by tick.
	Tempos []Tempo
	Meters []Meter
	// Events is everything else in the file, except system exclusive messages, which are meant for
	// specific devices. They are sorted by tick.
	Events []Event
	// End is the tick at which the longest track ends.
	End int64
}

// A Note starts at a tick and lasts a number of ticks, possibly 0.
type Note struct {
	At, Length int64
	Track      int
	Channel    uint8 // 0 to 15
	Program    uint8 // 0 to 127
	Pitch      uint8 // 0 to 127, 60 is middle C
	Velocity   uint8 // 1 to 127
}

// Drum reports whether the note is a drum stroke, with the drum as its pitch.
func (n Note) Drum() bool { return n.Channel == DrumChannel }

// A Tempo sets the length of a quarter note from a tick on.
type Tempo struct {
	At     int64
	Micros int64 // 1 to 2^24-1
}

// A Meter sets the time signature from a tick on: 3, 4 is 3/4.
type Meter struct {
	At          int64
	Count, Unit int
}

// An Event is any other message: a program, a controller, a text.
type Event struct {
	At      int64
	Track   int
	Message []byte
}

// Sort sorts everything.
func (s *Song) Sort() {
	slices.SortStableFunc(s.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Track, b.Track), cmp.Compare(a.Channel, b.Channel),
			cmp.Compare(a.Pitch, b.Pitch), cmp.Compare(a.Length, b.Length))
	})
	slices.SortStableFunc(s.Tempos, func(a, b Tempo) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Meters, func(a, b Meter) int { return cmp.Compare(a.At, b.At) })
	slices.SortStableFunc(s.Events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Track, b.Track))
	})
}

// Micros converts a tick to microseconds.
func (s *Song) Micros(tick int64) int64 {
	return Clock(s.Quarter, s.Tempos)(tick)
}

// Clock returns a function that converts ticks to microseconds, given ticks per quarter note and
// sorted tempos. Ticks must be passed in ascending order.
func Clock(quarter int, tempos []Tempo) func(tick int64) int64 {
	var sum, from, tempo int64 = 0, 0, defaultTempo
	return func(tick int64) int64 {
		for len(tempos) > 0 && tempos[0].At < tick {
			sum += (tempos[0].At - from) * tempo
			from, tempo, tempos = tempos[0].At, tempos[0].Micros, tempos[1:]
		}
		return (sum + (min(tick, lastTick)-from)*tempo) / int64(quarter)
	}
}

// Duration is the time in microseconds at which the last note ends.
func (s *Song) Duration() int64 {
	var end int64
	for _, n := range s.Notes {
		end = max(end, n.At+n.Length)
	}
	return s.Micros(end)
}

// Keep keeps the notes for which keep is true.
func (s *Song) Keep(keep func(Note) bool) {
	s.Notes = slices.DeleteFunc(s.Notes, func(n Note) bool { return !keep(n) })
}

// A Grid divides quarter notes of Quarter ticks into steps.
type Grid struct{ Steps, Quarter int64 }

// Step is the step nearest to a tick, the later of two.
func (g Grid) Step(tick int64) int64 { return (2*tick*g.Steps + g.Quarter) / (2 * g.Quarter) }

// Tick is the tick nearest to a step.
func (g Grid) Tick(step int64) int64 { return (2*step*g.Quarter + g.Steps) / (2 * g.Steps) }

// Span is the range of steps of a note, excluding the second: those nearest to its start and end,
// at least one.
func (g Grid) Span(n Note) (from, to int64) {
	from = g.Step(n.At)
	return from, max(from+1, g.Step(n.At+n.Length))
}
