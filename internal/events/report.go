package events

import (
	"math"
	"slices"

	"atelier/internal/music"
)

// What events do not hold, as counts.
const (
	LostMeters   = "bars that were filled with a rest"
	LostPlaces   = "changes of tempo, metre and key within a bar, which are at its beginning"
	LostPitches  = "notes moved by octaves"
	LostDrums    = "drums that are not told apart"
	LostDoubles  = "notes doubled within a part"
	LostLengths  = "notes made shorter, to 16 quarter notes"
	LostChords   = "chord symbols made plainer"
	LostParts    = "notes of parts beyond 16"
	LostPrograms = "changes of instrument within a part"
)

// A Report tells what of a score its events do not hold.
type Report struct {
	Notes int
	// MeanMs and MostMs are how far notes were moved onto the grid, and LengthMs how much
	// their lengths changed on average, drums apart.
	MeanMs, MostMs, LengthMs float64
	Lost                     music.Counts
}

// measure tells how far notes were moved.
func (r *reading) measure() {
	if r.report.Notes == 0 {
		return
	}
	order := slices.Clone(r.ticks)
	slices.Sort(order)
	clock, times := r.Clock(), map[int64]int64{}
	for _, t := range slices.Compact(order) {
		times[t] = clock(t)
	}
	for i := 0; i < len(r.ticks); i += 2 {
		ms := math.Abs(float64(times[r.ticks[i]]-times[r.ticks[i+1]])) / 1000
		r.report.MeanMs += ms / float64(r.report.Notes)
		r.report.MostMs = max(r.report.MostMs, ms)
	}
	r.report.LengthMs /= float64(r.report.Notes)
}
