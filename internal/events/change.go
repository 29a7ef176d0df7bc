package events

import "slices"

// Transpose moves the piece by fifths, as far as all of its keys have a signature. Nothing but
// keys tells where a piece lies.
func (p *Piece) Transpose(fifths int) {
	move := func(key, by int) (int, bool) {
		k := KeyOf(key)
		k.Fifths += by
		return KeyValue(k), k.Fifths >= -6 && k.Fifths <= 6
	}
	for ; fifths != 0; fifths -= fifths / max(fifths, -fifths) {
		fits := true
		for i := range p.Bars {
			if p.Bars[i].Key >= 0 {
				_, ok := move(p.Bars[i].Key, fifths)
				fits = fits && ok
			}
		}
		if fits {
			break
		}
	}
	for i := range p.Bars {
		if p.Bars[i].Key >= 0 {
			p.Bars[i].Key, _ = move(p.Bars[i].Key, fifths)
		}
	}
}

// Hasten changes all tempos by so many steps.
func (p *Piece) Hasten(steps int) {
	for i := range p.Bars {
		p.Bars[i].Tempo = max(0, min(tempos-1, p.Bars[i].Tempo+steps))
	}
}

// Leave leaves out a part.
func (p *Piece) Leave(part int) {
	p.Parts = slices.Delete(slices.Clone(p.Parts), part, part+1)
	for i := range p.Bars {
		p.Bars[i].Parts = slices.Delete(slices.Clone(p.Bars[i].Parts), part, part+1)
	}
}

// Rewrite changes each of the pieces that follow one another in tokens. What does not fit any
// more is cut off, and what is left over is filled with ends.
func Rewrite(tokens []int32, change func(*Piece)) {
	end := Token(End, 0)
	given := slices.Clone(tokens)
	out := tokens[:0]
	for len(given) > 0 {
		next := len(given)
		if i := slices.Index(given[1:], end); i >= 0 {
			next = i + 1
		}
		if next > 1 {
			p := Parse(given[:next])
			change(p)
			out = appendUpTo(out, p.Tokens(), len(tokens))
		}
		given = given[next:]
	}
	for len(out) < len(tokens) {
		out = append(out, end)
	}
}

// appendUpTo appends to a slice of at most so many tokens.
func appendUpTo(out, more []int32, most int) []int32 {
	return append(out, more[:min(len(more), most-len(out))]...)
}
