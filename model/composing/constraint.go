package composing

import (
	"slices"

	"atelier/internal/events"
)

// A state is what may follow.
type state uint8

const (
	needRoot  state = iota // of a chord
	needKind               // of a chord
	afterKind              // a position of another chord, or the first instrument
	inPart                 // a position, the next instrument, or the end of the bar
	placed                 // a loudness, a length or a note
	louder                 // a length or a note
	longer                 // a note
	ended
)

// mostRest is the largest number of bars that a part rests.
const mostRest = 2

// A Constraint holds the bars of a plan to its metre, key, instruments and chords. It is a
// Constraint of atelier/model/language.
type Constraint struct {
	plan   *Plan
	state  state
	forced []int32 // tokens that must follow

	bar     int // of the piece
	part    int
	at      int // the last position; -1 for none
	chordAt int
	chords  []events.Chord // of the bar

	loudness, length int
	last             int // the last pitch at the position, -1 for none
	together         int // notes at the position
	inBar            int // notes in the bar
	told             int // where the chord begins of which the part has sounded the altered tone, -1 for none

	notes, foreign int   // of all bars
	sounded        bool  // the part has a note in the bar
	rests          []int // bars that each part has rested
	kept           rhythm
	keeps          bool       // the part keeps a rhythm, of which kept is left
	written        [][]rhythm // of the bars to be written, by part
	left           int        // steps up to the end of the piece, from the beginning of the bar
}

// NewConstraint returns the constraint of a plan, behind its prompt.
func NewConstraint(p *Plan) *Constraint {
	c := &Constraint{plan: p, bar: p.From, rests: make([]int, len(p.Piece.Parts))}
	for range p.To - p.From {
		c.written = append(c.written, make([]rhythm, len(p.Piece.Parts)))
	}
	c.begin()
	return c
}

// begin begins a bar: its first tokens are certain.
func (c *Constraint) begin() {
	p := c.plan.Piece
	frame := *p
	b := &p.Bars[c.bar]
	frame.Bars = slices.Clone(p.Bars)
	frame.Bars[c.bar].Parts = make([][]events.Note, len(p.Parts))
	if !c.plan.GivenChords {
		frame.Bars[c.bar].Chords = nil
	}
	tokens := frame.BarTokens(c.bar)
	c.forced = tokens[:len(tokens)-len(p.Parts)]
	c.chords, c.chordAt = nil, 0
	c.part, c.inBar, c.sounded = -1, 0, false
	c.state = needRoot
	if c.plan.GivenChords || b.Key < 0 {
		c.chords = b.Chords
		c.forced = append(c.forced, events.Token(events.Instrument, p.Parts[0]))
	}
	c.left = 0
	for _, b := range p.Bars[c.bar:] {
		c.left += events.Meters[b.Meter].Steps()
	}
}

func (c *Constraint) here() *events.Bar { return &c.plan.Piece.Bars[c.bar] }
func (c *Constraint) steps() int        { return events.Meters[c.here().Meter].Steps() }
func (c *Constraint) program() int      { return c.plan.Piece.Parts[c.part] }

// Done reports whether all bars are written.
func (c *Constraint) Done() bool { return c.state == ended }

// Allows reports whether a token may follow.
func (c *Constraint) Allows(token int32) bool {
	if len(c.forced) > 0 {
		return token == c.forced[0]
	}
	kind, value := events.Of(token)
	switch c.state {
	case needRoot:
		return kind == events.ChordRoot && c.inKey(value) && (!c.closes() || value == c.tonic())
	case needKind:
		chord := events.Chord{Root: c.chords[len(c.chords)-1].Root, Kind: value, Bass: -1}
		return kind == events.ChordKind && c.fitsKey(chord) && (!c.closes() || c.ofMode(chord))
	case afterKind:
		switch kind {
		case events.Position:
			return !c.closes() && value > c.chordAt && value < c.steps() && c.strong(value)
		case events.Instrument:
			return value == c.plan.Piece.Parts[0]
		}
		return false
	case ended:
		return kind == events.End
	}
	return c.allowsEvent(kind, value)
}

// allowsEvent is Allows within a part.
func (c *Constraint) allowsEvent(kind events.Kind, value int) bool {
	drums := c.program() == events.Drums
	if _, owes := c.owed(); owes && c.state == inPart && kind != events.Pitch {
		return false // the stroke goes on as it began
	}
	switch kind {
	case events.Position:
		return c.state == inPart && c.allowsPosition(value)
	case events.Instrument, events.BarStart, events.End:
		return c.state == inPart && c.allowsNext(kind, value)
	case events.Loudness:
		return c.at >= 0 && (c.state == placed || c.state == inPart && c.roomAbove()) && value != c.loudness
	case events.Length:
		return !drums && c.at >= 0 && (c.state == placed || c.state == louder || c.state == inPart && c.roomAbove()) && value != c.length && c.lasts(value) && (!c.plan.GivenChords || c.roomFor(value))
	case events.Drum:
		return drums && c.at >= 0 && value > c.last && value <= c.highestDrum() && c.together < mostStruck
	case events.Pitch:
		return !drums && c.at >= 0 && c.length >= 0 && c.lasts(c.length) && c.sounds(value, c.length)
	}
	return false
}

// allowsNext reports whether the next part, the next bar or the end may follow.
func (c *Constraint) allowsNext(kind events.Kind, value int) bool {
	if !c.sounded && (c.rests[c.part] >= mostRest || c.closes() && c.rests[c.part] == 0) || len(c.kept) > 0 {
		return false // what sounded up to the last bar ends in it
	}
	if next := c.part + 1; next < len(c.plan.Piece.Parts) {
		return kind == events.Instrument && value == c.plan.Piece.Parts[next]
	}
	if c.inBar == 0 {
		return false
	}
	if c.bar+1 < c.plan.To {
		return events.Token(kind, value) == c.plan.Piece.BarStart(c.bar+1)
	}
	return kind == events.End
}

// Accept adds a token, which is allowed.
func (c *Constraint) Accept(token int32) {
	kind, value := events.Of(token)
	if len(c.forced) > 0 {
		if c.forced = c.forced[1:]; kind != events.Instrument {
			return
		}
	}
	switch kind {
	case events.ChordRoot:
		c.chords = append(slices.Clip(c.chords), events.Chord{At: c.chordAt, Root: value, Bass: -1})
		c.state = needKind
	case events.ChordKind:
		c.chords[len(c.chords)-1].Kind = value
		c.state = afterKind
	case events.Position:
		if c.state == afterKind {
			c.chordAt, c.state = value, needRoot
			return
		}
		c.acceptPosition(value)
		c.at, c.last, c.together, c.state = value, -1, 0, placed
	case events.Loudness:
		c.loudness, c.state = value, louder
	case events.Length:
		c.length, c.state = value, longer
	case events.Pitch, events.Drum:
		c.acceptNote(kind, value)
	case events.Instrument:
		c.leave()
		c.part++
		c.at, c.last, c.told, c.loudness, c.length = -1, -1, -1, events.UsualLoudness, -1
		c.sounded, c.state = false, inPart
		c.keep()
		c.keeps = len(c.kept) > 0
	case events.BarStart:
		c.leave()
		c.bar++
		c.begin()
		c.forced = c.forced[1:]
	case events.End:
		c.state = ended
	}
}

// leave ends a part in a bar.
func (c *Constraint) leave() {
	if c.part >= 0 && c.sounded {
		c.rests[c.part] = 0
	} else if c.part >= 0 {
		c.rests[c.part]++
	}
}

func (c *Constraint) acceptNote(kind events.Kind, value int) {
	if class, owes := c.owed(); owes && events.Class(value) == class {
		chord, _ := c.chord(c.at)
		c.told = chord.At
	}
	c.last, c.state, c.sounded = value, inPart, true
	c.together++
	c.inBar++
	if kind == events.Pitch {
		c.notes++
		if !c.inKey(events.Class(value)) {
			c.foreign++
		}
	}
}
