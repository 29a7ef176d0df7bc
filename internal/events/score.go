package events

import (
	"slices"

	"atelier/internal/midi"
	"atelier/internal/music"
)

// quarter is the ticks per quarter note of scores that events are made into.
const quarter = 480

// Score is the score that the piece tells.
func (p *Piece) Score() *music.Score {
	s := &music.Score{Quarter: quarter}
	s.Parts = make([]music.Part, len(p.Parts))
	channel := uint8(0)
	for i, program := range p.Parts {
		if s.Parts[i].Channel = midi.DrumChannel; program != Drums {
			s.Parts[i].Channel = channel
			if channel = (channel + 1) % 16; channel == midi.DrumChannel {
				channel++
			}
		}
	}
	var last *Bar
	chord := ""
	for i := range p.Bars {
		b := &p.Bars[i]
		if last == nil || b.Meter != last.Meter {
			s.Meters = append(s.Meters, midi.Meter{At: s.End, Count: Meters[b.Meter].Count, Unit: Meters[b.Meter].Unit})
		}
		if last == nil || b.Tempo != last.Tempo {
			s.Tempos = append(s.Tempos, midi.Tempo{At: s.End, Micros: int64(60_000_000 / Quarters(b.Tempo))})
		}
		if b.Key >= 0 && (last == nil || b.Key != last.Key) {
			key := KeyOf(b.Key)
			key.At = s.End
			s.Keys = append(s.Keys, key)
		}
		for _, c := range b.Chords {
			if name := c.Symbol(b.Key); name != chord {
				chord = name
				s.Chords = append(s.Chords, music.Chord{At: s.End + tick(c.At), Name: name})
			}
		}
		p.score(s, b)
		last = b
		s.End += tick(Meters[b.Meter].Steps())
	}
	s.Parts = slices.DeleteFunc(s.Parts, func(p music.Part) bool { return len(p.Notes) == 0 })
	end := s.End
	s.Sort()
	s.End = max(s.End, end)
	return s
}

func tick(steps int) int64 { return int64(steps) * quarter / Steps }

// score adds the notes of a bar, which begins at the end of a score.
func (p *Piece) score(s *music.Score, b *Bar) {
	for part, program := range p.Parts {
		for _, n := range b.Parts[part] {
			out := music.Note{At: s.End + tick(n.At), Length: tick(strokeSteps), Velocity: Velocities[n.Loudness]}
			if program == Drums {
				out.Pitch = uint8(n.Pitch + lowestDrum)
			} else {
				out.Pitch, out.Length, out.Program = uint8(PitchOf(n.Pitch, b.Key)), tick(Lengths[n.Length]), uint8(program)
			}
			s.Parts[part].Notes = append(s.Parts[part].Notes, out)
		}
	}
}

// strokeSteps is the length of a stroke on a drum.
const strokeSteps = 3
