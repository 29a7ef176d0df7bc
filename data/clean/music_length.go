package clean

import (
	"fmt"

	"atelier/data"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("music-length", "drops music that is too short or too long",
		func() data.Cleaner { return &MusicLength{Shortest: 1, Longest: 3600} })
}

// MusicLength drops music that is too short or too long. The length is measured to the end of the
// last note.
type MusicLength struct {
	Shortest int `help:"shortest length in seconds"`
	Longest  int `help:"longest length in seconds"`
}

// Check refuses impossible lengths.
func (c *MusicLength) Check() error {
	if c.Shortest < 0 {
		return registry.Unfit("shortest", fmt.Sprintf("want 0 seconds or more, got %d", c.Shortest))
	}
	if c.Longest < c.Shortest || c.Longest > 1<<30 {
		return registry.Unfit("longest", fmt.Sprintf("want at least as many seconds as the shortest, and at most 2^30, got %d", c.Longest))
	}
	return nil
}

// Clean implements [data.Cleaner].
func (c *MusicLength) Clean(p *data.Piece) error {
	m, err := musicOf(p)
	if m == nil {
		return err
	}
	switch micros := m.Duration(); {
	case micros < 1_000_000*int64(c.Shortest):
		return data.Dropf("too short", "%d.%03d s", micros/1_000_000, micros/1000%1000)
	case micros > 1_000_000*int64(c.Longest):
		return data.Dropf("too long", "%d s", micros/1_000_000)
	}
	return nil
}
