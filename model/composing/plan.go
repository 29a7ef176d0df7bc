// Package composing holds a language model to what is asked of a piece of music while it writes
// the events of one: bars, metre, key, instruments and chords.
package composing

import (
	"slices"

	"atelier/internal/events"
)

// A Plan is a piece that is to be written, or bars of one.
type Plan struct {
	// Piece holds the bars that are there and, for those that are to be written, metre, tempo,
	// key and, if they are given, chords.
	Piece *events.Piece
	// From and To are the bars that are to be written: from one up to another.
	From, To int
	// Chromatic is the share of notes that may lie outside the key.
	Chromatic float64
	// Repeats is the share of bars in which a part keeps the rhythm that it had two bars before,
	// as the Seed has it.
	Repeats float64
	Seed    uint64
	// Kit says that drums are those of a kit, without other percussion.
	Kit bool
	// GivenChords says that the bars to be written have chords already.
	GivenChords bool
}

// usualRepeats is how often parts keep a rhythm besides where the model writes it again: a small
// model does so less than the music that it learned from.
const usualRepeats = 0.5

// usualChromatic is a share that keeps nineteen of twenty notes in the key.
const usualChromatic = 0.04

// infills reports whether bars follow those that are to be written.
func (p *Plan) infills() bool { return p.To < len(p.Piece.Bars) }

// around returns the plan for as many bars around those that are to be written as leave room
// in a prompt of so many tokens, and the number of the bar that it begins with.
func (p *Plan) around(room int) (Plan, int) {
	from, to := p.From, p.To
	used := len(p.Piece.Heading())
	for {
		grown := false
		if from > 0 {
			if n := len(p.Piece.BarTokens(from - 1)); used+n <= room {
				from, used, grown = from-1, used+n, true
			}
		}
		if to < len(p.Piece.Bars) {
			if n := len(p.Piece.BarTokens(to)); used+n <= room {
				to, used, grown = to+1, used+n, true
			}
		}
		if !grown {
			break
		}
	}
	part := *p
	part.Piece, part.From, part.To = p.Piece.Part(from, to), p.From-from, p.To-from
	return part, from
}

// prompt is what a model reads before it writes the bars.
func (p *Plan) prompt() []int32 {
	frame := *p.Piece
	frame.Bars = slices.Clone(frame.Bars)
	if p.infills() {
		for i := p.From; i < p.To; i++ {
			frame.Bars[i].Masked = true
			frame.Bars[i].Parts = make([][]events.Note, len(frame.Parts))
		}
		tokens := frame.Tokens()
		at := slices.Index(tokens, events.Token(events.Fill, 0))
		return tokens[:at+1]
	}
	out := frame.Heading()
	for i := range p.From {
		out = append(out, frame.BarTokens(i)...)
	}
	return out
}

// unstyled is the prompt without the style, nil if there is none.
func (p *Plan) unstyled() []int32 {
	if p.Piece.Style < 0 {
		return nil
	}
	plan, piece := *p, *p.Piece
	piece.Style, plan.Piece = -1, &piece
	return plan.prompt()
}
