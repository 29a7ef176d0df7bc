package charset

// oneFlawOf is the number of non-ASCII characters per tolerated flaw. More flaws mean that the text
// is in a similar encoding: they are words with inner capitals or signs, and letters foreign to the
// language.
const (
	oneFlawOf = 12
	grave     = 3 // weight of a grave flaw
)

// isFlawed reports whether a reading has too many flaws to be right.
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

// stranger reports whether a letter belongs neither to the reading's language nor to those it
// borrows words from.
func (r reading) stranger(s *symbol) bool {
	return s.letter && s.index == 0 && s.extra >= oddGuest && !r.plain
}

// signs counts the costs in a reading that are those of known signs in their usual places; in the
// usual encoding, twice those of borrowed letters.
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

// isGuest reports whether it is a borrowed letter.
func (s *symbol) isGuest() bool { return s.letter && s.extra > 0 && s.extra <= rareGuest }
