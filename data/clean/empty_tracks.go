package clean

import (
	"slices"

	"atelier/data"
	"atelier/internal/midi"
)

func init() {
	data.Cleaners.Add("empty-tracks", "removes tracks without notes, except the first, which holds the tempo; drops music without notes",
		func() data.Cleaner { return &EmptyTracks{} })
}

// EmptyTracks removes tracks without notes.
type EmptyTracks struct{}

// Clean implements [data.Cleaner].
func (*EmptyTracks) Clean(p *data.Piece) error {
	m, err := musicOf(p)
	if m == nil {
		return err
	}
	if err := silent(m, "no notes"); err != nil {
		return err
	}
	full := make([]bool, m.Tracks)
	full[0] = true
	for _, n := range m.Notes {
		full[n.Track] = true
	}
	place, left := make([]int, m.Tracks), 0
	for i := range full {
		place[i] = left
		if full[i] {
			left++
		}
	}
	empty := m.Tracks - left
	if empty == 0 {
		return nil
	}
	m.Tracks = left
	for i := range m.Notes {
		m.Notes[i].Track = place[m.Notes[i].Track]
	}
	m.Events = slices.DeleteFunc(m.Events, func(e midi.Event) bool { return !full[e.Track] })
	for i := range m.Events {
		m.Events[i].Track = place[m.Events[i].Track]
	}
	m.changed(p, "empty tracks", empty)
	return nil
}
