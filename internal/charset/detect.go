package charset

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A wideSet is an encoding whose characters have two bytes or more.
type wideSet struct {
	name     string
	encoding encoding.Encoding
	// weigh says how likely a character is between those two.
	weigh func(before, r, after rune) int
	// all is whether ASCII has two bytes as well.
	all bool
}

// wideSets are those that are tried; of two that fit alike the first is taken. They are
// made when they are needed first: their tables take milliseconds.
var wideSets = sync.OnceValue(func() []wideSet {
	return []wideSet{
		{"gb18030", simplifiedchinese.GB18030, han(simplified, levelOne(simplifiedchinese.GBK, 0xb0, 0xd7)), false},
		{"big5", traditionalchinese.Big5, han(traditional, levelOne(traditionalchinese.Big5, 0xa4, 0xc6)), false},
		{"shift_jis", japanese.ShiftJIS, kana, false},
		{"euc-jp", japanese.EUCJP, kana, false},
		{"euc-kr", korean.EUCKR, hangul, false},
		{"utf-16le", littleEndian, wide, true},
		{"utf-16be", bigEndian, wide, true},
	}
})

const (
	sampled     = 16 << 10 // bytes by which an encoding of several bytes is found out
	errorCost   = 80       // half bits that a byte which does not decode costs
	strayed     = 14       // half bits that a character costs besides where letters of ASCII are
	mostAMark   = 14       // half bits that a character may cost on the mean, of those beyond ASCII
	moreASign   = 4        // what a sign may cost besides
	mostALetter = 12       // the same in a language that is written in other letters than Latin
	mostWide    = 11       // the same of half a character of two bytes
	slack       = 36       // half bits more that there may be in the usual encoding
	margin      = 14       // half bits by which the next best text must be worse
)

// A reading is a way to read bytes, with its cost in half bits.
type reading struct {
	name     string
	encoding encoding.Encoding
	total    int // with what speaks against the language and the encoding
	own, n   int // the cost of what is not ASCII alone, and how many costs it is the sum of
	wide     bool
	symbols  *[256]symbol // what its bytes are to its language, unless it is wide
	latin    bool         // whether its language is written in Latin letters
	plain    bool         // whether its language has the letters of ASCII alone
	slack    int          // half bits that it may cost more, the more frequent the encoding
}

// detect finds out the encoding of bytes that are no UTF-8, and returns it with their text;
// none if two readings are about as likely, or the likeliest is not likely.
func detect(b []byte) (e encoding.Encoding, text, name string) {
	from := firstBeyond(b)
	if from == len(b) {
		return nil, "", ""
	}
	singles := newPairs(b)
	var readings []reading
	bound := impossible * singles.n // of what is worth reading on
	for _, w := range wideSets() {
		r, ok := w.read(b, from)
		if !ok || w.all && !r.likely(0) {
			continue
		}
		if w.all { // it is read all through, and the others are beyond ASCII alone
			r.total = r.own * singles.n / r.n
		} else {
			r.total += singles.strayWide(r.n / 2)
		}
		readings = append(readings, r)
		bound = min(bound, r.total+margin)
	}
	readings = append(readings, singles.readings(bound)...)
	if len(readings) == 0 {
		return nil, "", ""
	}
	best := readings[0]
	for _, r := range readings[1:] {
		if r.total < best.total {
			best = r
		}
	}
	if !best.likely(singles.signs(best)) || singles.isFlawed(best) {
		return nil, "", ""
	}
	for _, r := range readings {
		if r.total < best.total+margin && r.name != best.name && !singles.alike(r, best) {
			return nil, "", ""
		}
	}
	s, wrong := decode(best.encoding, b)
	if wrong*100 > len(b) {
		return nil, "", ""
	}
	return best.encoding, s, best.name
}

// likely reports whether texts are like that, of whose costs so many are of signs at their
// places.
func (r reading) likely(signs int) bool {
	switch {
	case r.wide:
		return r.n > 0 && r.own <= mostWide*r.n
	}
	return r.own <= mostAMark*r.n+moreASign*signs+r.slack && (r.latin || r.own <= mostALetter*r.n)
}

// firstBeyond is where the first byte is that is not ASCII, or not of a text.
func firstBeyond(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf || c == 0 {
			return i
		}
	}
	return len(b)
}

// costOf is what a character of a weight costs in half bits.
func costOf(weight int) int {
	switch {
	case weight >= common:
		return 15
	case weight >= common-1:
		return 14
	case weight >= likely:
		return 19
	case weight >= neutral:
		return 24
	case weight >= unlikely:
		return 31
	case weight >= unlikely-1:
		return 34
	}
	return 50
}

// read reads a sample from the first character that is not ASCII.
func (w wideSet) read(b []byte, from int) (reading, bool) {
	before := ' '
	if w.all {
		from = 0
	} else if from > 0 {
		before = rune(b[from-1])
	}
	b = b[from:]
	cut := len(b) > sampled
	b = b[:min(len(b), sampled)]
	if w.all {
		b = b[:len(b)&^1]
	}
	r := reading{name: w.name, encoding: w.encoding, wide: true}
	s, _ := decode(w.encoding, b)
	if cut && len(s) > 3 && s[len(s)-3:] == "\ufffd" {
		s = s[:len(s)-3] // a character was cut
	}
	for i, c := range s {
		if c >= utf8.RuneSelf || w.all || isBeyond(byte(c)) {
			_, size := utf8.DecodeRuneInString(s[i:])
			after, _ := utf8.DecodeRuneInString(s[i+size:])
			r.n++
			if c == utf8.RuneError || c < utf8.RuneSelf && isBeyond(byte(c)) {
				r.own += errorCost
			} else if w.all && c < utf8.RuneSelf && c > ' ' {
				r.own += 10
			} else {
				weight := w.weigh(before, c, after)
				if r.own += costOf(weight); w.all && weight == neutral {
					r.own += 6 // any Chinese character at all, of very many
				}
				if !w.all && (isASCIILetter(before) || isASCIILetter(after)) {
					r.own += 2 * strayed
				}
			}
		}
		before = c
	}
	// A character here is as much as two letters there.
	r.total, r.n = r.own, r.n*2
	return r, r.n > 0
}
