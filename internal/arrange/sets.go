package arrange

import (
	"fmt"

	"atelier/internal/music"
)

// Genres are those of grooves.
var Genres = []string{"rock", "punk", "metal", "country", "pop", "folk", "funk", "dance", "hiphop", "jazz", "blues", "latin", "reggae"}

// Kinds are those of tunes.
var Kinds = []string{"song", "nursery", "carol", "hymn", "dance", "classical"}

// shown is what a part is shown over: four bars in C.
var shown = []string{"I", "vi", "ii", "V"}

// Score is the part as a piece: its two bars, twice, over I vi ii V in C major at 100 beats a
// minute.
func (p *Part) Score(seed uint64) (*music.Score, error) {
	plan := &plan{order: Order{Seed: seed}, meter: p.Meter, bars: len(shown)}
	for _, text := range shown {
		n, ok := ParseNumeral(text)
		if !ok {
			return nil, fmt.Errorf("no chord %q", text)
		}
		plan.chords = append(plan.chords, []Numeral{n})
	}
	s := newScore(p.Meter, 100)
	s.Title, s.Keys = p.Name, []music.Key{plan.key}
	spans := plan.spans()
	for _, c := range spans {
		s.Chords = append(s.Chords, music.Chord{At: c.from, Name: c.chord.name})
	}
	feel := p.Feel
	if feel == anyFeel {
		feel = Straight
	}
	pl := newPlayer(p.Role, feel, 0, spans, plan.stream())
	bar := int64(sixteenths(p.Meter)) * sixteenth
	for i := range plan.bars {
		pl.play(p.Bars[i%2], p.Sounds[0], int64(i)*bar)
	}
	s.Parts, s.End = []music.Part{pl.part}, int64(plan.bars)*bar
	s.Sort()
	return s, nil
}
