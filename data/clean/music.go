package clean

import (
	"maps"
	"slices"

	"atelier/data"
	"atelier/internal/midi"
)

// midiType is the media type of music.
const midiType = "audio/midi"

// A Music is a decoded piece of music.
type Music struct {
	*midi.Song
	// Repairs is the number of repairs made while reading.
	Repairs map[string]int
	// Damaged is whether some of the music is missing.
	Damaged bool
	file    []byte // nil once the song differs from the file
}

// Encode implements [data.Content].
func (m *Music) Encode() ([]byte, string, error) {
	if m.file != nil {
		return m.file, midiType, nil
	}
	file, err := m.Write()
	return file, midiType, err
}

// changed counts n changes of the music, which will be encoded again.
func (m *Music) changed(p *data.Piece, what string, n int) {
	if p.Change(what, n); n > 0 {
		m.file = nil
	}
}

// musicOf returns the decoded piece, nil if it is not music. The error is a [*data.Drop].
func musicOf(p *data.Piece) (*Music, error) {
	if m, ok := p.Content.(*Music); ok || p.MediaType != midiType {
		return m, nil
	}
	song, repairs, err := midi.Read(p.Bytes)
	if err != nil {
		return nil, &data.Drop{Reason: "no MIDI file", Detail: "it " + err.Error()}
	}
	m := &Music{song, repairs, midi.Lost(repairs) != "", p.Bytes}
	p.Content = m
	return m, nil
}

// silent drops music without notes.
func silent(m *Music, reason string) error {
	if len(m.Notes) == 0 {
		return &data.Drop{Reason: reason}
	}
	return nil
}

// rank orders duplicates: by the number of repairs, then by the number of notes.
func (m *Music) rank(p *data.Piece) data.Rank {
	flaws := p.Mended
	for _, n := range m.Repairs {
		flaws += n
	}
	return data.NewRank(flaws, len(m.Notes))
}

// mended counts the repairs as changes.
func (m *Music) mended(p *data.Piece) {
	for _, what := range slices.Sorted(maps.Keys(m.Repairs)) {
		m.changed(p, what, m.Repairs[what])
		p.Mended += m.Repairs[what]
	}
	m.Repairs = nil
}
