// Package midi reads Standard MIDI Files of strangers into notes, and writes them back.
package midi

import (
	"cmp"
	"slices"
)

// The channel of drums in General MIDI, from 0.
const DrumChannel = 9

// What a file plays at until it says otherwise.
const (
	defaultTempo = 500_000 // microseconds a quarter note: 120 beats a minute
	lastTick     = 1 << 38 // with the slowest tempo its microseconds fit an int64
)

// A Song is what a file plays.
type Song struct {
	// Quarter is how many ticks a quarter note has, 1 to 32767. Files whose ticks are
	// parts of a second have quarter notes of half a second or more.
	Quarter int
	// Tracks is how many tracks there are, at least 1.
	Tracks int
	// Notes are sorted by start, track, channel, pitch and end.
	Notes []Note
	// Tempos and Meters are sorted by their place.
	Tempos []Tempo
	Meters []Meter
	// Events is all else that the file tells, but for system exclusive messages, which
	// are meant for a single device. They are sorted by their place.
	Events []Event
	// End is the tick at which the longest track ends.
	End int64
}

// A Note sounds from a tick on for a number of ticks, of which there may be none.
type Note struct {
	At, Length int64
	Track      int
	Channel    uint8 // 0 to 15
	Program    uint8 // 0 to 127
	Pitch      uint8 // 0 to 127, 60 is middle C
	Velocity   uint8 // 1 to 127
}

// Drum reports whether the note is a stroke on a drum, which the pitch names.
func (n Note) Drum() bool { return n.Channel == DrumChannel }

// A Tempo says how long a quarter note is from a tick on.
type Tempo struct {
	At     int64
	Micros int64 // 1 to 2^24-1
}

// A Meter says how many notes of which kind make a bar from a tick on: 3, 4 is 3/4.
type Meter struct {
	At          int64
	Count, Unit int
}

// An Event is a message that is no note, tempo or meter: a program, a controller, a text.
type Event struct {
	At      int64
	Track   int
	Message []byte
}

// Sort puts everything in its order.
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

// Micros is the time of a tick in microseconds.
func (s *Song) Micros(tick int64) int64 {
	var sum, from, tempo int64 = 0, 0, defaultTempo
	for _, t := range s.Tempos {
		if t.At >= tick {
			break
		}
		sum += (t.At - from) * tempo
		from, tempo = t.At, t.Micros
	}
	return (sum + (min(tick, lastTick)-from)*tempo) / int64(s.Quarter)
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

// A Grid divides quarter notes of so many ticks into steps.
type Grid struct{ Steps, Quarter int64 }

// Step is the step nearest to a tick, the later of two.
func (g Grid) Step(tick int64) int64 { return (2*tick*g.Steps + g.Quarter) / (2 * g.Quarter) }

// Tick is the tick nearest to a step.
func (g Grid) Tick(step int64) int64 { return (2*step*g.Quarter + g.Steps) / (2 * g.Steps) }

// Span is the steps that a note takes, up to but not including the second: those
// nearest to its start and end, one at least.
func (g Grid) Span(n Note) (from, to int64) {
	from = g.Step(n.At)
	return from, max(from+1, g.Step(n.At+n.Length))
}
