package composing

import (
	"slices"

	"atelier/internal/events"
)

// mostChosen is the largest number of instruments that a model chooses.
const mostChosen = 5

// mostAccidentals is the largest number of sharps or flats of a key that a model chooses: all keys
// are alike to it, and people read some more easily.
const mostAccidentals = 4

// A Heading is what is asked of a whole piece; what is left open, the model chooses.
type Heading struct {
	Style, Meter, Tempo, Key int // values; -1 to be chosen
	Parts                    []int
	Without                  []int // instruments that are not to be chosen
	Bars                     int
	// Tempos are the slowest and the fastest value that may be chosen; both 0 for all.
	Tempos [2]int
	// Minor asks for a minor key to be chosen, Major for a major one.
	Minor, Major bool
}

// A headingConstraint restricts the heading of a piece.
type headingConstraint struct {
	Heading
	instruments []int // that may be chosen
	drumless    []int // styles for which drums are not
	styles      int
	next        events.Kind
	parts       []int
	done        bool
}

// kindsOfHeading are the kinds of tokens of a heading, in order.
var kindsOfHeading = []events.Kind{events.Style, events.MeterIs, events.TempoIs, events.KeyIs, events.Instrument}

// asked is what is asked of a kind, -1 if it is to be chosen.
func (h *headingConstraint) asked() int {
	switch h.next {
	case events.Style:
		return h.Style
	case events.MeterIs:
		return h.Meter
	case events.TempoIs:
		return h.Tempo
	case events.KeyIs:
		return h.Key
	case events.Instrument:
		if len(h.parts) < len(h.Parts) {
			return h.Parts[len(h.parts)]
		}
	}
	return -1
}

// Allows implements the Constraint of atelier/model/language.
func (h *headingConstraint) Allows(token int32) bool {
	kind, value := events.Of(token)
	asked := h.asked()
	switch {
	case h.next == events.Instrument && len(h.parts) > 0 && kind == events.BarStart:
		return asked < 0 && value == 0
	case kind != h.next:
		return false
	case asked >= 0:
		return value == asked
	case kind == events.Style:
		return value < h.styles
	case kind == events.TempoIs:
		return h.Tempos == [2]int{} || value >= h.Tempos[0] && value <= h.Tempos[1]
	case kind == events.KeyIs:
		key := events.KeyOf(value)
		readable := key.Fifths >= -mostAccidentals && key.Fifths <= mostAccidentals
		return readable && !(key.Minor && h.Major) && !(!key.Minor && h.Minor)
	case kind == events.Instrument:
		if value == events.Drums && slices.Contains(h.drumless, h.Style) || slices.Contains(h.Without, value) {
			return false
		}
		return len(h.Parts) == 0 && len(h.parts) < mostChosen && slices.Contains(h.instruments, value) && seats(append(slices.Clip(h.parts), value))
	}
	return true
}

// seats reports whether instruments are in the order of [Seat], with one bass and one drum kit at
// most, and none twice.
func seats(parts []int) bool {
	n := len(parts)
	if n < 2 {
		return true
	}
	last, before := parts[n-1], parts[n-2]
	if seatOf(last) < seatOf(before) || seatOf(last) >= int(bass) && seatOf(last) == seatOf(before) {
		return false
	}
	return !slices.Contains(parts[:n-1], last)
}

// Accept implements the Constraint of atelier/model/language.
func (h *headingConstraint) Accept(token int32) {
	kind, value := events.Of(token)
	switch kind {
	case events.Style:
		h.Style = value
	case events.MeterIs:
		h.Meter = value
	case events.TempoIs:
		h.Tempo = value
	case events.KeyIs:
		h.Key = value
	case events.Instrument:
		h.parts = append(h.parts, value)
		return
	default:
		h.done = true
		return
	}
	h.next = kindsOfHeading[slices.Index(kindsOfHeading, kind)+1]
}

// Done implements the Constraint of atelier/model/language.
func (h *headingConstraint) Done() bool { return h.done }

// piece is the piece that the heading is of, without notes.
func (h *headingConstraint) piece() *events.Piece {
	p := &events.Piece{Style: h.Style, Parts: h.parts}
	for range h.Bars {
		p.Bars = append(p.Bars, events.Bar{Meter: h.Meter, Tempo: h.Tempo, Key: h.Key, Parts: make([][]events.Note, len(h.parts))})
	}
	return p
}
