package composing

import (
	"slices"

	"atelier/internal/events"
	"atelier/internal/music"
)

// A role is what an instrument usually does.
type role uint8

const (
	leads role = iota
	accompanies
	bass
)

// roleOf is the role of a program of General MIDI.
func roleOf(program int) role {
	switch {
	case program >= 32 && program <= 39, program == 43, program == 58: // basses, contrabass, tuba
		return bass
	case program < 8, program >= 16 && program < 32, program >= 44 && program < 56, program >= 88 && program < 96:
		return accompanies // pianos, organs, guitars, ensembles, pads
	}
	return leads
}

// mostTogether is the largest number of notes that a part begins at once.
var mostTogether = map[role]int{bass: 1, accompanies: 5, leads: 2}

// mostStruck is how many drums are struck at once: by two hands and two feet.
const mostStruck = 4

// highestDrum is the highest value of a drum that may be struck.
func (c *Constraint) highestDrum() int {
	if c.plan.Kit {
		value, _ := events.DrumValue(kitUpTo)
		return value
	}
	return events.Values(events.Drum) - 1
}

// inKey reports whether a pitch class, as in C major or A minor, is of the key of the bar.
func (c *Constraint) inKey(class int) bool {
	key := events.KeyOf(max(c.here().Key, 0))
	if c.here().Key < 0 {
		return true
	}
	key.Fifths = 0
	return key.Has(class % 12)
}

// fitsKey reports whether no more than one tone of a chord lies outside the key.
func (c *Constraint) fitsKey(chord events.Chord) bool {
	foreign := 0
	for _, tone := range events.Qualities[chord.Kind].Tones {
		if !c.inKey(chord.Root + tone) {
			foreign++
		}
	}
	return foreign == 0 || foreign == 1 && len(events.Qualities[chord.Kind].Tones) > 3
}

// closes reports whether the bar ends the piece, which it does with the chord of the tonic alone.
func (c *Constraint) closes() bool {
	p := c.plan.Piece
	return c.bar == len(p.Bars)-1 && p.More == 0
}

// tonic is the root of the chord of the tonic, as in C major or A minor.
func (c *Constraint) tonic() int {
	key := events.KeyOf(c.here().Key)
	key.Fifths = 0
	return key.Tonic()
}

// ofMode reports whether a chord has the third of the mode of the key, or none.
func (c *Constraint) ofMode(chord events.Chord) bool {
	third := 4
	if events.KeyOf(c.here().Key).Minor {
		third = 3
	}
	tones := events.Qualities[chord.Kind].Tones
	return len(tones) == 2 || slices.Contains(tones, third) && !slices.Contains(tones, 10) && !slices.Contains(tones, 8)
}

// strong reports whether a position of the bar is strong: its halves, or the beats of metres in
// three.
func (c *Constraint) strong(at int) bool {
	m := events.Meters[c.here().Meter]
	beat := 2 * events.Steps
	switch {
	case m.Unit == 8 && m.Count%3 == 0:
		beat = events.Steps * 3 / 2
	case m.Steps()%beat != 0:
		beat = events.Steps
	}
	return at%beat == 0
}

// chord is the chord at a position, nil for none; begins reports that it begins there.
func (c *Constraint) chord(at int) (chord *events.Chord, begins bool) {
	for i := range c.chords {
		if c.chords[i].At <= at {
			chord, begins = &c.chords[i], c.chords[i].At == at
		}
	}
	return chord, begins
}

// lasts reports whether a note at the position may have a length: up to the end of the piece,
// or of the bar if it belongs to its chords.
func (c *Constraint) lasts(length int) bool {
	most := c.left
	if roleOf(c.program()) != leads {
		most = c.steps()
		for i := range c.chords {
			if c.chords[i].At > c.at {
				most = c.chords[i].At
				break
			}
		}
	}
	return c.at+events.Lengths[length] <= most
}

// roomAbove reports whether another note may begin at the position, above the last.
func (c *Constraint) roomAbove() bool {
	if c.program() == events.Drums {
		return c.last >= 0 && c.last < c.highestDrum() && c.together < mostStruck
	}
	return c.length >= 0 && c.roomFor(c.length)
}

// roomFor reports whether a note of a length may begin at the position, above the last.
func (c *Constraint) roomFor(length int) bool {
	for value := c.last + 1; value < events.Values(events.Pitch); value++ {
		if c.sounds(value, length) {
			return true
		}
	}
	return false
}

// clashes reports whether a tone with a length at the position lies a semitone beside an
// altered tone of a given chord: the degree of the key gives way to it, as A does to the A flat of F
// minor in C major.
func (c *Constraint) clashes(class, length int) bool {
	if !c.plan.GivenChords {
		return false
	}
	begin := 0 // of the bar
	for bar := c.bar; begin < c.at+events.Lengths[length] && bar < c.plan.To; bar++ {
		b := &c.plan.Piece.Bars[bar]
		if b.Key != c.here().Key {
			break // its chords are told from another tonic
		}
		steps := events.Meters[b.Meter].Steps()
		for i, chord := range b.Chords {
			end := steps
			if i+1 < len(b.Chords) {
				end = b.Chords[i+1].At
			}
			if begin+end > c.at && begin+chord.At < c.at+events.Lengths[length] && c.besideAltered(chord, class) {
				return true
			}
		}
		begin += steps
	}
	return false
}

// besideAltered reports whether a tone outside a chord lies a semitone beside an altered one of it.
func (c *Constraint) besideAltered(chord events.Chord, class int) bool {
	beside := func(class int) bool { return chord.Has(class) && c.isAltered(class) }
	return !chord.Has(class) && (beside((class+1)%12) || beside((class+11)%12))
}

// isAltered reports whether a tone needs an accidental in the key of the bar; the leading tone of
// minor does.
func (c *Constraint) isAltered(class int) bool {
	return c.here().Key >= 0 && !music.Key{}.Has(class%12)
}

// owed is the altered tone that an accompanying part has yet to sound of the given chord, which
// would be heard as another without it.
func (c *Constraint) owed() (class int, owes bool) {
	if !c.plan.GivenChords || roleOf(c.program()) != accompanies {
		return 0, false
	}
	chord, _ := c.chord(c.at)
	if chord == nil || c.told == chord.At {
		return 0, false
	}
	for _, tone := range events.Qualities[chord.Kind].Tones[1:] { // the root is the bass's
		if class = (chord.Root + tone) % 12; c.isAltered(class) {
			return class, true
		}
	}
	return 0, false
}

// leavesOwed reports whether the tone that is owed is this one, or can sound above it. Above the
// lowest note of a stroke it comes as soon as it can, so that no gap is left.
func (c *Constraint) leavesOwed(value int) bool {
	owed, owes := c.owed()
	if !owes {
		return true
	}
	from := value
	if c.together > 0 {
		from = c.last + 1
	}
	for ; from < events.Values(events.Pitch) && events.Class(from) != owed; from++ {
	}
	return from == value || from > value && c.inRange(from) && c.together+1 < atOnce(c.program())
}

// sounds reports whether a pitch may sound at the position for a length: in the key, but for a few
// notes and what clashes with the chord; on strong beats and where a chord begins in the chord, and of
// a bass the root there.
func (c *Constraint) sounds(value, length int) bool {
	does := roleOf(c.program())
	if value <= c.last || c.together >= atOnce(c.program()) || !c.inRange(value) {
		return false
	}
	class := events.Class(value)
	chord, begins := c.chord(c.at)
	ofChord := chord != nil && chord.Has(class)
	switch {
	case chord == nil:
	case does == bass && begins:
		return class == chord.Low()%12
	case (c.strong(c.at) || begins) && !ofChord && (does != leads || c.at == 0):
		return false
	case c.clashes(class, length) || !c.leavesOwed(value):
		return false
	}
	if c.inKey(class) || c.plan.GivenChords && ofChord {
		return true
	}
	return float64(c.foreign+1) <= c.plan.Chromatic*float64(c.notes+1)
}

// Seat sorts instruments as composers learn them: what leads, what accompanies, basses, drums.
func Seat(parts []int) {
	slices.SortStableFunc(parts, func(a, b int) int { return seatOf(a) - seatOf(b) })
}

// seatOf is where an instrument stands in the order of Seat.
func seatOf(program int) int {
	if program == events.Drums {
		return int(bass) + 1
	}
	return int(roleOf(program))
}
