package charset

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// pairs counts the pairs of bytes that follow each other.
type pairs struct {
	plain, beyond []pair // of ASCII, and the others
	n             int    // of those beyond
	has           [256]bool
	within        [256]int // how often each beyond has letters of ASCII on both sides
	alone         [256]int // or on neither
	peak          [256]int // or a capital before and a small one after
	islands       int      // how often what is beyond begins anew after words in ASCII
}

type pair struct {
	a, b byte
	n    int
}

func newPairs(b []byte) *pairs {
	counts := make([]uint32, 1<<16)
	var order []uint16
	before := byte(' ')
	add := func(c byte) {
		at := uint16(before)<<8 | uint16(c)
		if counts[at] == 0 {
			order = append(order, at)
		}
		counts[at]++
		before = c
	}
	p := &pairs{}
	letters := gap // of ASCII since the last byte beyond
	for i, c := range b {
		p.has[c] = true
		switch {
		case c >= utf8.RuneSelf:
			if letters >= gap {
				p.islands++
			}
			letters = 0
			p.neighbours(b, i)
		case isASCIILetter(rune(c)):
			letters++
		}
		add(c)
	}
	add(' ')
	for _, at := range order {
		one := pair{byte(at >> 8), byte(at), int(counts[at])}
		switch {
		case isBeyond(one.a) || isBeyond(one.b):
			p.beyond = append(p.beyond, one)
			p.n += one.n
		case isASCIILetter(rune(one.a)) || isASCIILetter(rune(one.b)):
			p.plain = append(p.plain, one)
		}
	}
	return p
}

// neighbours counts a byte beyond ASCII by what is on its sides.
func (p *pairs) neighbours(b []byte, at int) {
	before, after := byte(' '), byte(' ')
	if at > 0 {
		before = b[at-1]
	}
	if at+1 < len(b) {
		after = b[at+1]
	}
	switch c := b[at]; {
	case isASCIILetter(rune(before)) && isASCIILetter(rune(after)):
		p.within[c]++
		if before < 'a' && after >= 'a' {
			p.peak[c]++
		}
	case before < utf8.RuneSelf && after < utf8.RuneSelf && !isASCIILetter(rune(before)) && !isASCIILetter(rune(after)):
		p.alone[c]++
	}
}

// isBeyond reports whether a byte is not of plain texts in ASCII.
func isBeyond(c byte) bool {
	return c >= utf8.RuneSelf || c < ' ' && (c < '\t' || c > '\r') && c < 0x1c // which separate lines or fields
}

// What the ASCII of a text tells of its language: so many pairs of it at most, and so
// many half bits, for each island: a word of another language may stand anywhere, but
// it is unlikely anew each time.
const (
	gap        = 8 // letters of ASCII between two islands
	plainPairs = 80
	plainCost  = 24
)

// What else speaks against a reading, in half bits.
const (
	foreign = 14 // a language of Western Europe in an encoding of others
	lone    = 14 // a letter by itself, of another script or foreign to the language
	loneHan = 20 // the same of a Chinese character or the like
	halved  = 12 // a quotation mark, or the like, without its partner
)

// against is what the ASCII of the text says against each language. Those that are not
// written in Latin letters, in whose texts any other language may stand, it says
// nothing of.
func (p *pairs) against() []int {
	costs := make([]int, len(languages()))
	total, least := 0, 0
	for i, l := range languages() {
		if !l.latin() {
			continue
		}
		of, n := &symbols()[0][i], 0
		total = 0
		for _, one := range p.plain {
			n += one.n * l.follow(&of[one.a], &of[one.b])
			total += one.n
		}
		if costs[i] = n; least == 0 || n < least {
			least = n
		}
	}
	for i, l := range languages() {
		if l.latin() && total > 0 {
			costs[i] = min(plainCost*p.islands, (costs[i]-least)*min(total, plainPairs*p.islands)/total)
		}
	}
	return costs
}

// stray is what it costs that a text which is mostly of Latin letters has so many others.
func (p *pairs) stray(letters int) int {
	latin := 0
	for _, one := range p.plain {
		if isASCIILetter(rune(one.b)) {
			latin += one.n
		}
	}
	if latin > 4*letters {
		return strayed * p.islands
	}
	return 0
}

// strayWide is the same of characters of several bytes, which do not stand by themselves
// there.
func (p *pairs) strayWide(characters int) int {
	n := p.stray(characters)
	if n > 0 && characters <= 2*p.islands {
		n += loneHan * p.islands
	}
	return n
}

// readings are the likeliest reading in each encoding, of those that cost less than the
// bound and little more than the best.
func (p *pairs) readings(bound int) []reading {
	against := p.against()
	var all []reading
	for i, c := range byteSets {
		best := reading{name: c.name, encoding: c.encoding, latin: c.latin, n: p.n, total: bound}
		switch {
		case c.rare == 0:
			best.slack = slack
		case c.west:
			best.slack = slack / 3
		}
		for j, l := range languages() {
			if l.latin() != c.latin {
				continue
			}
			before := against[j] + c.rare
			if l.west && !c.west {
				before += foreign
			}
			own, ok := p.cost(l, &symbols()[i][j], best.total-before)
			if ok {
				best.total, best.own, best.symbols, best.plain = own+before, own, &symbols()[i][j], l.plain
			}
		}
		if best.total < bound {
			all = append(all, best)
			bound = min(bound, best.total+margin)
		}
	}
	return all
}

// cost is what the text costs in a language; false if it is the most or more, or hardly a
// word is in the language.
func (p *pairs) cost(l *language, of *[256]symbol, most int) (int, bool) {
	own, letters, high := 0, 0, 0
	for _, one := range p.beyond {
		if own += one.n * l.follow(&of[one.a], &of[one.b]); own >= most {
			return 0, false
		}
		if of[one.b].index > 0 {
			letters += one.n
		}
		if isBeyond(one.b) {
			high += one.n
		}
	}
	stray := p.stray(letters)
	for c := range p.has {
		if s := of[c].sign; s != nil && !s.within {
			own += p.within[c] * misplaced
		} else if of[c].letter && (of[c].index == 0 || stray > 0) {
			own += p.alone[c] * lone
		}
		if of[c].upper {
			own += p.peak[c] * midCapital
		}
	}
	if own >= most {
		return 0, false
	}
	own += halved * single(func(r rune) bool {
		for c, there := range p.has {
			if there && of[c].char == r {
				return true
			}
		}
		return false
	})
	if l.latin() {
		return own, own < most
	}
	if letters == 0 || 2*letters < high {
		return 0, false
	}
	own += stray
	return own, own < most
}

// alike reports whether two readings give the same text, but for the form of Romanian's
// letters.
func (p *pairs) alike(a, b reading) bool {
	if a.wide || b.wide {
		return a.name == b.name
	}
	x, y := a.encoding.(*charmap.Charmap), b.encoding.(*charmap.Charmap)
	for c, there := range p.has {
		if there && cedilla(x.DecodeByte(byte(c))) != cedilla(y.DecodeByte(byte(c))) {
			return false
		}
	}
	return true
}
