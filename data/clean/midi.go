package clean

import "atelier/data"

func init() {
	data.Cleaners.Add("midi", "drops music that is not a MIDI file; repairs broken files as players do, and counts the repairs; keeps the beginning of truncated files",
		func() data.Cleaner { return &MIDI{} })
}

// MIDI drops music that is not a MIDI file, and repairs damaged files.
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
