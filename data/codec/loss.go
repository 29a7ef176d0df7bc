package codec

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"atelier/data"
	"atelier/internal/midi"
)

// A placing is where a codec puts a note of a piece: so many steps of its grid from the beginning,
// perhaps broken. A note that is left out has none.
type placing struct {
	note       midi.Note
	from, to   float64 // steps; of drums only the first counts
	left       string  // why it is left out, empty if it is held
	struckOnly bool    // its length does not count
}

// lossOf adds up what becomes of notes on a grid of so many steps in a quarter note.
func lossOf(song *midi.Song, steps int, all []placing, left map[string]int) *data.Loss {
	loss := &data.Loss{Notes: len(all), Left: left}
	ticks := make([]int64, 0, 4*len(all))
	tick := func(step float64) int64 {
		return int64(math.Round(step * float64(song.Quarter) / float64(steps)))
	}
	for _, p := range all {
		ticks = append(ticks, p.note.At, p.note.At+p.note.Length, tick(p.from), tick(p.to))
	}
	slices.Sort(ticks)
	clock, micros := midi.Clock(song.Quarter, song.Tempos), map[int64]int64{}
	for _, t := range slices.Compact(ticks) {
		micros[t] = clock(t)
	}
	lengths := 0
	for _, p := range all {
		if p.left != "" {
			loss.Left[p.left]++
			continue
		}
		loss.Kept++
		ms := math.Abs(float64(micros[tick(p.from)]-micros[p.note.At])) / 1000
		loss.MeanMs += ms
		loss.MostMs = max(loss.MostMs, ms)
		if !p.struckOnly {
			was, is := micros[p.note.At+p.note.Length]-micros[p.note.At], micros[tick(p.to)]-micros[tick(p.from)]
			loss.LengthMs += math.Abs(float64(is-was)) / 1000
			lengths++
		}
	}
	loss.MeanMs /= float64(max(1, loss.Kept))
	loss.LengthMs /= float64(max(1, lengths))
	return loss
}

// The reasons why notes are left out.
const (
	leftLater  = "notes behind the end"
	leftPitch  = "notes out of range"
	leftDouble = "notes struck at once with another of the same"
	leftDrums  = "strokes of drums"
	leftOthers = "notes of other instruments"
	leftUnder  = "notes below another of the same voice"
	leftTempos = "changes of tempo"
	leftMeters = "metres other than 4/4"
)

// songOf reads a piece whole.
func songOf(it data.Item) (*midi.Song, error) {
	song, repairs, err := midi.Read(it.Bytes)
	if err != nil {
		return nil, unreadable(err)
	}
	if what := midi.Lost(repairs); what != "" {
		return nil, unreadable(errors.New("is damaged (" + what + "), so that some of the music is missing; leave it out, or make a version whose cleaner midi keeps what can be read"))
	}
	return song, nil
}

// sorted are the notes of a song by start, the highest first.
func sorted(song *midi.Song) []midi.Note {
	notes := slices.Clone(song.Notes)
	slices.SortStableFunc(notes, func(a, b midi.Note) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(b.Pitch, a.Pitch))
	})
	return notes
}

// leftOf counts what a grid at one tempo in bars of 4/4 does not tell.
func leftOf(song *midi.Song) map[string]int {
	left := map[string]int{}
	if n := len(song.Tempos) - 1; n > 0 {
		left[leftTempos] = n
	}
	for _, m := range song.Meters {
		if m.Count != barQuarters || m.Unit != 4 {
			left[leftMeters]++
		}
	}
	return left
}

// newSong is an empty piece at a tempo in 4/4 with so many ticks a quarter note.
func newSong(quarter, tracks, tempo int) *midi.Song {
	return &midi.Song{Quarter: quarter, Tracks: tracks, Tempos: []midi.Tempo{{Micros: int64(60_000_000 / tempo)}},
		Meters: []midi.Meter{{Count: barQuarters, Unit: 4}}}
}
