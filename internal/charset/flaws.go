package charset

// oneFlawOf is the number of characters beyond ASCII of which one may be flawed. Where
// more are, the text is in an encoding much like the one it was read in: words with
// capitals or signs within, letters that the language has not.
const (
	oneFlawOf = 12
	grave     = 3 // flaws that some are worth
)

// isFlawed reports whether so much is wrong in a reading that it cannot be right.
func (p *pairs) isFlawed(r reading) bool {
	if r.wide {
		return false
	}
	flaws, high := 0, 0
	for _, one := range p.beyond {
		a, b := &r.symbols[one.a], &r.symbols[one.b]
		if isBeyond(one.b) {
			high += one.n
			if r.stranger(b) {
				flaws += one.n * grave
			}
		}
		switch {
		case a.letter && b.sign == &odd, a.letter && b.sign.drawn():
			flaws += one.n * grave
		case !fits(a, b),
			a.letter && b.letter && a.own != b.own,
			a.letter && b.letter && b.upper && !a.upper:
			flaws += one.n
		}
	}
	for c := range p.has {
		s := &r.symbols[c]
		switch {
		case s.sign != nil && !s.sign.within:
			flaws += p.within[c]
		case s.upper:
			flaws += p.peak[c]
		}
		if s.letter && s.index == 0 {
			flaws += p.alone[c]
		}
	}
	return oneFlawOf*flaws > high
}

// stranger reports whether a letter is one that the reading's language has not, nor
// those that it takes words from.
func (r reading) stranger(s *symbol) bool {
	return s.letter && s.index == 0 && s.extra >= oddGuest && !r.plain
}

// signs counts the costs in a reading that are those of known signs at their places;
// in the usual encoding, twice those of a letter that the language takes from others.
func (p *pairs) signs(r reading) int {
	n := 0
	if r.wide {
		return n
	}
	for _, one := range p.beyond {
		a, b := &r.symbols[one.a], &r.symbols[one.b]
		switch {
		case r.slack == slack && (a.isGuest() || b.isGuest()):
			n += 2 * one.n
		case fits(a, b) && (a.sign.known() || b.sign.known()):
			n += one.n
		}
	}
	return n
}

// isGuest reports whether it is a letter that the language takes from others.
func (s *symbol) isGuest() bool { return s.letter && s.extra > 0 && s.extra <= rareGuest }
