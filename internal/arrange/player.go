package arrange

import (
	"math"
	"math/rand/v2"

	"atelier/internal/music"
)

// A span is a chord from a tick on.
type span struct {
	from, to int64 // ticks, as if in sixteenths
	chord    sounding
}

// A player plays parts of one role over chords.
type player struct {
	role     Role
	feel     Feel
	chords   []span // of the whole piece
	velocity int
	rng      *rand.Rand
	part     music.Part
	last     int // pitch of the root of the chord before; 0 if there is none
	middle   float64
}

// Where the roots of each role lie, from the lowest on, and how loud it is.
var places = map[Role]struct {
	lowest, velocity int
	middle           float64 // of whole chords
}{
	Bass: {33, 88, 0}, Chords: {48, 64, 62}, Lead: {60, 94, 0},
}

// newPlayer returns a player of a role with an instrument.
func newPlayer(role Role, feel Feel, channel uint8, chords []span, rng *rand.Rand) *player {
	place := places[role]
	return &player{role: role, feel: feel, chords: chords, velocity: place.velocity, middle: place.middle, rng: rng,
		part: music.Part{Channel: channel}}
}

// root is the pitch of the root of a chord: for a lead, that nearest to the last one.
func (p *player) root(c *sounding) int {
	lowest := places[p.role].lowest
	root := lowest + ((c.root-lowest)%12+12)%12
	if p.role != Lead {
		return root
	}
	if p.last != 0 {
		for root-p.last > 6 && root-12 >= lowest-5 {
			root -= 12
		}
	}
	return root
}

// play plays a bar of a part from a tick on.
func (p *player) play(figures []Figure, program uint8, at int64) {
	for _, f := range figures {
		end := at + int64(f.Length)*sixteenth
		p.figure(f, program, at, end)
		at = end
	}
}

// figure plays a figure. A whole chord or a bass that lasts beyond its chord is struck again.
func (p *player) figure(f Figure, program uint8, at, end int64) {
	if f.Tones == nil && !f.Chord {
		return
	}
	c := p.chordAt(at)
	if (f.Chord || p.role == Bass) && c.to < end {
		p.figure(f, program, c.to, end)
		end = c.to
	}
	velocity := p.velocity + p.rng.IntN(9) - 4
	switch {
	case f.Accented:
		velocity += 14
	case f.Soft:
		velocity -= 18
	}
	from, to := p.feel.place(at), p.feel.place(end)
	length := to - from
	if f.Short {
		length = max(sixteenth/2, length/2)
	}
	for _, pitch := range p.pitches(f, &c.chord) {
		p.part.Notes = append(p.part.Notes, music.Note{At: from, Length: length, Pitch: uint8(min(127, max(0, pitch))),
			Velocity: uint8(min(127, max(1, velocity))), Program: program})
	}
}

// chordAt is the chord at a tick.
func (p *player) chordAt(at int64) *span {
	for i := range p.chords {
		if at < p.chords[i].to {
			return &p.chords[i]
		}
	}
	return &p.chords[len(p.chords)-1]
}

// pitches are those of a figure over a chord.
func (p *player) pitches(f Figure, c *sounding) (all []int) {
	if f.Chord {
		return p.voiced(c)
	}
	root := p.root(c)
	p.last = root
	for _, t := range f.Tones {
		all = append(all, root+c.at(t.Degree)+t.Alter+12*t.Octave)
	}
	return all
}

// voiced are the tones of a chord in the close position whose middle is nearest to that of the
// chord before.
func (p *player) voiced(c *sounding) []int {
	var best []int
	least := math.Inf(1)
	for inversion := range c.tones {
		for octave := range 3 {
			var all []int
			sum := 0
			for i := range c.tones {
				at := (inversion + i) % len(c.tones)
				pitch := 36 + 12*octave + c.root + c.tones[at]
				if inversion+i >= len(c.tones) {
					pitch += 12
				}
				all, sum = append(all, pitch), sum+pitch
			}
			middle := float64(sum) / float64(len(all))
			far := math.Abs(middle-p.middle) + math.Abs(middle-places[Chords].middle)/2
			if far < least {
				best, least = all, far
			}
		}
	}
	sum := 0
	for _, pitch := range best {
		sum += pitch
	}
	p.middle = float64(sum) / float64(len(best))
	return best
}
