package charset

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A byteSet is an encoding whose characters have a byte each.
type byteSet struct {
	name     string
	encoding *charmap.Charmap
	rare     int  // half bits: the rarer the encoding, the more must speak for it
	latin    bool // whether it is for languages in Latin letters
}

var byteSets = []byteSet{
	{"windows-1252", charmap.Windows1252, 0, true},
	{"windows-1250", charmap.Windows1250, 4, true},
	{"windows-1251", charmap.Windows1251, 4, false},
	{"windows-1253", charmap.Windows1253, 4, false},
	{"windows-1254", charmap.Windows1254, 4, true},
	{"windows-1255", charmap.Windows1255, 4, false},
	{"windows-1256", charmap.Windows1256, 4, false},
	{"windows-1257", charmap.Windows1257, 4, true},
	{"windows-1258", charmap.Windows1258, 4, true},
	{"windows-874", charmap.Windows874, 4, false},
	{"iso-8859-2", charmap.ISO8859_2, 6, true},
	{"iso-8859-4", charmap.ISO8859_4, 20, true},
	{"iso-8859-5", charmap.ISO8859_5, 6, false},
	{"iso-8859-6", charmap.ISO8859_6, 6, false},
	{"iso-8859-7", charmap.ISO8859_7, 6, false},
	{"iso-8859-8", charmap.ISO8859_8, 6, false},
	{"iso-8859-10", charmap.ISO8859_10, 20, true},
	{"iso-8859-13", charmap.ISO8859_13, 12, true},
	{"iso-8859-14", charmap.ISO8859_14, 20, true},
	{"iso-8859-15", charmap.ISO8859_15, 6, true},
	{"iso-8859-16", charmap.ISO8859_16, 8, true},
	{"koi8-r", charmap.KOI8R, 4, false},
	{"koi8-u", charmap.KOI8U, 6, false},
	{"macintosh", charmap.Macintosh, 8, true},
	{"x-mac-cyrillic", charmap.MacintoshCyrillic, 8, false},
	{"ibm437", charmap.CodePage437, 8, true},
	{"ibm850", charmap.CodePage850, 8, true},
	{"ibm852", charmap.CodePage852, 8, true},
	{"ibm855", charmap.CodePage855, 8, false},
	{"ibm860", charmap.CodePage860, 20, true},
	{"ibm862", charmap.CodePage862, 8, false},
	{"ibm863", charmap.CodePage863, 20, true},
	{"ibm865", charmap.CodePage865, 20, true},
	{"ibm866", charmap.CodePage866, 6, false},
}

// symbols are what each byte of each encoding is to each language, made once.
var symbols = sync.OnceValue(func() [][][256]symbol {
	all := make([][][256]symbol, len(byteSets))
	for i, c := range byteSets {
		all[i] = make([][256]symbol, len(languages()))
		for j, l := range languages() {
			for b := 0; b < 256 && l.latin() == c.latin; b++ {
				all[i][j][b] = l.symbol(c.encoding.DecodeByte(byte(b)))
			}
		}
	}
	return all
})

// pairs counts the pairs of bytes that follow each other.
type pairs struct {
	plain, beyond []pair // of ASCII, and the others
	n             int    // of those beyond
	high          [256]bool
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
	for _, c := range b {
		p.high[c] = p.high[c] || c >= utf8.RuneSelf
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

// isBeyond reports whether a byte is not of plain texts in ASCII.
func isBeyond(c byte) bool {
	return c >= utf8.RuneSelf || c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f'
}

// What the ASCII of a text tells of its language: so many pairs of it at most, and so
// many half bits.
const (
	plainPairs = 80
	plainCost  = 24
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
			costs[i] = min(plainCost, (costs[i]-least)*min(total, plainPairs)/total)
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
		return strayed
	}
	return 0
}

// readings are the likeliest reading in each encoding, of those that cost less than the
// bound and little more than the best.
func (p *pairs) readings(bound int) []reading {
	against := p.against()
	var all []reading
	for i, c := range byteSets {
		best := reading{name: c.name, encoding: c.encoding, usual: c.rare == 0, n: p.n, total: bound}
		for j, l := range languages() {
			if l.latin() != c.latin {
				continue
			}
			before := against[j] + c.rare
			own, ok := p.cost(l, &symbols()[i][j], best.total-before)
			if ok {
				best.total, best.own = own+before, own
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
	if l.latin() {
		return own, true
	}
	if letters == 0 || 2*letters < high {
		return 0, false
	}
	own += p.stray(letters)
	return own, own < most
}

// alike reports whether two readings give the same text, but for the form of Romanian's
// letters.
func (p *pairs) alike(a, b reading) bool {
	if a.wide || b.wide {
		return a.name == b.name
	}
	x, y := a.encoding.(*charmap.Charmap), b.encoding.(*charmap.Charmap)
	for c, there := range p.high {
		if there && cedilla(x.DecodeByte(byte(c))) != cedilla(y.DecodeByte(byte(c))) {
			return false
		}
	}
	return true
}
