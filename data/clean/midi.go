package clean

import "atelier/data"

func init() {
	data.Cleaners.Add("midi", "music that is no MIDI file of type 0 or 1 is dropped; what is broken is read as players do, and what was mended is counted; of music that breaks off the beginning is kept",
		func() data.Cleaner { return &MIDI{} })
}

// MIDI drops music that is no MIDI file, and mends broken ones.
type MIDI struct{}

// Clean implements [data.Cleaner].
func (*MIDI) Clean(p *data.Piece) error {
	m, err := musicOf(p)
	if m == nil {
		return err
	}
	m.mended(p)
	return nil
}
