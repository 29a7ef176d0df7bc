package charset

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// pairs counts adjacent bytes.
type pairs struct {
	plain, beyond []pair // pairs of ASCII, and the others
	n             int    // number of the others
	has           [256]bool
	within        [256]int // how often each non-ASCII byte has ASCII letters on both sides
	alone         [256]int // or on neither side
	peak          [256]int // or a capital before and a small letter after
	islands       int      // how often non-ASCII text resumes after words in ASCII
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
	letters := gap // ASCII letters since the last non-ASCII byte
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

// neighbours counts a non-ASCII byte by its neighbours.
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

// isBeyond reports whether a byte is not plain ASCII text.
func isBeyond(c byte) bool {
	return c >= utf8.RuneSelf || c < ' ' && (c < '\t' || c > '\r') && c < 0x1c // which separate lines or fields
}

// How the ASCII in a text counts for a language: up to this many pairs, and this many half bits,
// for each island: a word of another language is possible anywhere, but unlikely each time.
const (
	gap        = 8 // ASCII letters between two islands
	plainPairs = 80
	plainCost  = 24
)

// Other penalties, in half bits.
const (
	foreign = 14 // a Western European language in a non-Western encoding
	lone    = 14 // an isolated letter, of another script or foreign to the language
	loneHan = 20 // the same for a Chinese character or the like
	halved  = 12 // a quotation mark or the like without its partner
)

// against is the evidence of the ASCII text against each language. It says nothing about languages
// in non-Latin scripts, in whose texts any other language may occur.
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

// stray is the penalty if a text mostly in Latin letters has this many others.
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

// strayWide is the same for multi-byte characters, which do not occur in isolation there.
func (p *pairs) strayWide(characters int) int {
	n := p.stray(characters)
	if n > 0 && characters <= 2*p.islands {
		n += loneHan * p.islands
	}
	return n
}

// readings are the most likely readings in each encoding, within the bound and close to the best.
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

// cost is the cost of the text in a language; false if it reaches the limit, or hardly any word is
// in the language.
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

// alike reports whether two readings give the same text, up to the form of Romanian letters.
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
