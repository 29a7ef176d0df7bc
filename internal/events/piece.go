package events

import "slices"

// A Piece is a score on the grid: what its events tell.
type Piece struct {
	// Style is a number of the vocabulary's styles, -1 for none.
	Style int
	// Parts are the instruments: programs, or Drums.
	Parts []int
	Bars  []Bar
	// More is how many bars follow that are not part of the piece.
	More int
}

// A Bar is a bar of a piece. What it says of metre, tempo and key are values of their tokens.
type Bar struct {
	Meter, Tempo int
	Key          int // -1 for none
	Chords       []Chord
	Parts        [][]Note // of each part
	Masked       bool     // it is left out
}

// A Chord is a chord from a step of its bar on.
type Chord struct {
	At         int
	Root, Kind int // semitones above the tonic, of Qualities
	Bass       int // -1 for the root
}

// A Note is a note in a bar, or a stroke on a drum.
type Note struct {
	At       int // steps from the beginning of the bar
	Length   int // of Lengths; 0 for drums
	Loudness int // of Velocities
	Pitch    int // value of Pitch or Drum

	velocity uint8 // while it is told
}

// compareNotes is the order of notes in a bar.
func compareNotes(a, b Note) int {
	for _, by := range [][2]int{{a.At, b.At}, {a.Pitch, b.Pitch}, {a.Length, b.Length}, {a.Loudness, b.Loudness}} {
		if by[0] != by[1] {
			return by[0] - by[1]
		}
	}
	return 0
}

// Heading returns the tokens that a piece begins with: its end token, style, metre, tempo, key
// and instruments, as of its first bar.
func (p *Piece) Heading() []int32 {
	out := []int32{Token(End, 0)}
	if p.Style >= 0 {
		out = append(out, Token(Style, p.Style))
	}
	if len(p.Bars) > 0 {
		b := &p.Bars[0]
		out = append(out, Token(MeterIs, b.Meter), Token(TempoIs, b.Tempo))
		if b.Key >= 0 {
			out = append(out, Token(KeyIs, b.Key))
		}
	}
	for _, program := range p.Parts {
		out = append(out, Token(Instrument, program))
	}
	return out
}

// Tokens returns the heading and the bars. Bars that are masked hold one token, and are told
// behind all others.
func (p *Piece) Tokens() []int32 {
	out := p.Heading()
	filled := false
	for i := range p.Bars {
		out = p.appendBar(out, i, p.Bars[i].Masked)
		filled = filled || p.Bars[i].Masked
	}
	if filled {
		out = append(out, Token(Fill, 0))
	}
	for i := range p.Bars {
		if p.Bars[i].Masked {
			out = p.appendBar(out, i, false)
		}
	}
	return out
}

// BarStart is the token that bar i begins with.
func (p *Piece) BarStart(i int) int32 { return Token(BarStart, left(len(p.Bars)-i+p.More)) }

// BarTokens are the tokens of a bar.
func (p *Piece) BarTokens(i int) []int32 { return p.appendBar(nil, i, false) }

func (p *Piece) appendBar(out []int32, i int, masked bool) []int32 {
	b := &p.Bars[i]
	before := &p.Bars[max(0, i-1)]
	out = append(out, p.BarStart(i))
	if b.Meter != before.Meter {
		out = append(out, Token(MeterIs, b.Meter))
	}
	if b.Tempo != before.Tempo {
		out = append(out, Token(TempoIs, b.Tempo))
	}
	if b.Key != before.Key && b.Key >= 0 {
		out = append(out, Token(KeyIs, b.Key))
	}
	if masked {
		return append(out, Token(Masked, 0))
	}
	for _, c := range b.Chords {
		if c.At > 0 {
			out = append(out, Token(Position, c.At))
		}
		out = append(out, Token(ChordRoot, c.Root), Token(ChordKind, c.Kind))
		if c.Bass >= 0 {
			out = append(out, Token(ChordBass, c.Bass))
		}
	}
	for part, program := range p.Parts {
		out = append(out, Token(Instrument, program))
		out = appendNotes(out, b.Parts[part], program == Drums)
	}
	return out
}

// appendNotes appends the notes of a part in a bar. Loudness and length are told when they
// change.
func appendNotes(out []int32, notes []Note, drums bool) []int32 {
	at, loudness, length := -1, UsualLoudness, -1
	for _, n := range notes {
		if n.At != at {
			out = append(out, Token(Position, n.At))
		}
		if n.Loudness != loudness {
			out = append(out, Token(Loudness, n.Loudness))
		}
		if at, loudness = n.At, n.Loudness; drums {
			out = append(out, Token(Drum, n.Pitch))
			continue
		}
		if n.Length != length {
			out = append(out, Token(Length, n.Length))
		}
		length = n.Length
		out = append(out, Token(Pitch, n.Pitch))
	}
	return out
}

// A reader makes a piece of tokens, as far as they make sense.
type reader struct {
	piece            *Piece
	bar              *Bar
	meter, tempo     int
	key              int
	part             int // -1 before the first of a bar
	at               int // -1 before the first of a part
	loudness, length int
	fills            []int // bars that are still to be filled
	filling          bool
}

// Parse makes a piece of tokens of any kind: what makes no sense is passed over. It ends with
// the piece that the tokens begin with.
func Parse(tokens []int32) *Piece {
	r := reader{piece: &Piece{Style: -1}, key: -1}
	for _, t := range tokens {
		kind, value := Of(t)
		if kind == End && len(r.piece.Bars) > 0 {
			break
		}
		r.take(kind, value)
	}
	return r.piece
}

// take takes a token.
func (r *reader) take(kind Kind, value int) {
	switch kind {
	case Style:
		r.piece.Style = value
	case BarStart:
		r.begin(value)
	case MeterIs:
		r.meter = value
	case TempoIs:
		r.tempo = value
	case KeyIs:
		r.key = value
	case Fill:
		r.filling, r.bar = len(r.fills) > 0, nil
	case Instrument:
		r.takePart(value)
	default:
		if r.bar != nil {
			r.takeEvent(kind, value)
		}
		return
	}
	if r.bar != nil && !r.filling {
		r.bar.Meter, r.bar.Tempo, r.bar.Key = r.meter, r.tempo, r.key
	}
}

// begin begins a bar, or the next one that is to be filled.
func (r *reader) begin(left int) {
	r.part, r.at = -1, -1
	if r.filling {
		r.bar = nil
		if len(r.fills) > 0 {
			r.bar = &r.piece.Bars[r.fills[0]]
			r.bar.Masked, r.fills = false, r.fills[1:]
		}
		return
	}
	r.piece.Bars = append(r.piece.Bars, Bar{Parts: make([][]Note, len(r.piece.Parts))})
	r.bar = &r.piece.Bars[len(r.piece.Bars)-1]
	r.piece.More = left
}

func (r *reader) takePart(program int) {
	if len(r.piece.Bars) == 0 {
		if len(r.piece.Parts) < MostParts {
			r.piece.Parts = append(r.piece.Parts, program)
		}
		return
	}
	if next := r.part + 1; next < len(r.piece.Parts) && r.piece.Parts[next] == program {
		r.part = next
	} else if found := slices.Index(r.piece.Parts, program); found > r.part {
		r.part = found
	} else {
		r.part = len(r.piece.Parts) // none
	}
	r.at, r.loudness, r.length = -1, UsualLoudness, -1
}

// takeEvent takes a token of a bar.
func (r *reader) takeEvent(kind Kind, value int) {
	switch kind {
	case Masked:
		r.bar.Masked = true
		r.fills = append(r.fills, len(r.piece.Bars)-1)
		r.bar = nil
	case Position:
		if r.at = value; value >= Meters[r.bar.Meter].Steps() {
			r.at = -1
		}
	case Loudness:
		r.loudness = value
	case Length:
		r.length = value
	case Pitch, Drum:
		r.takeNote(kind == Drum, value)
	case ChordRoot:
		if r.part < 0 {
			r.bar.Chords = append(r.bar.Chords, Chord{At: max(r.at, 0), Root: value, Bass: -1})
		}
	case ChordKind, ChordBass:
		if n := len(r.bar.Chords); n > 0 && kind == ChordKind {
			r.bar.Chords[n-1].Kind = value
		} else if n > 0 {
			r.bar.Chords[n-1].Bass = value
		}
	}
}

func (r *reader) takeNote(drum bool, pitch int) {
	if r.part < 0 || r.part >= len(r.piece.Parts) || r.at < 0 || drum != (r.piece.Parts[r.part] == Drums) || !drum && r.length < 0 {
		return
	}
	n := Note{At: r.at, Loudness: r.loudness, Pitch: pitch}
	if !drum {
		n.Length = r.length
	}
	notes := &r.bar.Parts[r.part]
	if last := len(*notes) - 1; last >= 0 && compareNotes((*notes)[last], n) >= 0 {
		return // out of order, or there already
	}
	*notes = append(*notes, n)
}
