package clean

import (
	"fmt"
	"slices"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("drums", "keeps only the drums of music, or everything but the drums",
		func() data.Cleaner { return &Drums{Keep: keepAll} })
}

// The settings of [Drums].
const (
	keepAll   = "all"
	keepDrums = "drums"
	keepNotes = "notes"
)

// Drums keeps either the drums (channel 10 of General MIDI) or the other notes.
type Drums struct {
	Keep string `help:"what is kept: drums, notes, or all"`
}

// Check refuses an unknown setting.
func (c *Drums) Check() error {
	names := []string{keepAll, keepDrums, keepNotes}
	if !slices.Contains(names, c.Keep) {
		return registry.Unfit("keep", fmt.Sprintf("got %q; %s", c.Keep, registry.Suggest(c.Keep, names)))
	}
	return nil
}

// Clean implements [data.Cleaner].
func (c *Drums) Clean(p *data.Piece) error {
	m, err := musicOf(p)
	if m == nil || c.Keep == keepAll {
		return err
	}
	drums, other := c.Keep == keepDrums, keepNotes
	if !drums {
		other = keepDrums
	}
	before := len(m.Notes)
	m.Song.Keep(func(n midi.Note) bool { return n.Drum() == drums })
	if err := silent(m, "no "+c.Keep); err != nil {
		return err
	}
	gone := before - len(m.Notes)
	if gone == 0 {
		return nil
	}
	m.Events = slices.DeleteFunc(m.Events, func(e midi.Event) bool {
		return e.Message[0] < 0xF0 && (e.Message[0]&0xF == midi.DrumChannel) != drums
	})
	m.changed(p, other, gone)
	return nil
}
