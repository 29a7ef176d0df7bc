package clean

import "atelier/data"

func init() {
	data.Cleaners.Add("midi", "music that is no MIDI file of type 0 or 1 is dropped; what is broken is mended: what came before a broken end is kept, notes end with their track",
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
