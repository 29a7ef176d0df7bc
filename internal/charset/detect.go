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

// A wideSet is a multi-byte encoding.
type wideSet struct {
	name     string
	encoding encoding.Encoding
	// weigh is the weight of a character between two others.
	weigh func(before, r, after rune) int
	// all is set if ASCII takes two bytes as well.
	all bool
}

// wideSets are tried in this order; of two that fit alike the first wins. They are built on first
// use: their tables take milliseconds.
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
	sampled     = 16 << 10 // bytes from which a multi-byte encoding is detected
	errorCost   = 80       // cost in half bits of a byte that does not decode
	strayed     = 14       // extra cost in half bits of a character among ASCII letters
	mostAMark   = 14       // largest mean cost in half bits of non-ASCII characters
	moreASign   = 4        // extra allowance per sign
	mostALetter = 12       // the same for a language in a non-Latin script
	mostWide    = 11       // the same per half of a two-byte character
	slack       = 36       // extra half bits allowed for the usual encoding
	margin      = 14       // half bits by which the runner-up must be worse
)

// A reading is a candidate decoding, with its cost in half bits.
type reading struct {
	name     string
	encoding encoding.Encoding
	total    int // including penalties for the language and the encoding
	own, n   int // cost of the non-ASCII characters alone, and the number of costs in it
	wide     bool
	symbols  *[256]symbol // the symbols of its bytes in its language, unless multi-byte
	latin    bool         // whether its language is in Latin script
	plain    bool         // whether its language uses only ASCII letters
	slack    int          // extra half bits allowed, more for frequent encodings
}

// detect detects the encoding of bytes that are not UTF-8, and returns it with the text; none if
// two readings are about equally likely, or the best is unlikely.
func detect(b []byte) (e encoding.Encoding, text, name string) {
	from := firstBeyond(b)
	if from == len(b) {
		return nil, "", ""
	}
	singles := newPairs(b)
	var readings []reading
	bound := impossible * singles.n // no need to read beyond this cost
	for _, w := range wideSets() {
		r, ok := w.read(b, from)
		if !ok || w.all && !r.likely(0) {
			continue
		}
		if w.all { // its sample starts at the beginning, those of the others at the first non-ASCII byte
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

// likely reports whether the mean cost is plausible, given how many costs are those of signs in
// their usual places.
func (r reading) likely(signs int) bool {
	switch {
	case r.wide:
		return r.n > 0 && r.own <= mostWide*r.n
	}
	return r.own <= mostAMark*r.n+moreASign*signs+r.slack && (r.latin || r.own <= mostALetter*r.n)
}

// firstBeyond is the position of the first byte that is not printable ASCII.
func firstBeyond(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf || c == 0 {
			return i
		}
	}
	return len(b)
}

// costOf is the cost of a character with a given weight, in half bits.
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

// read decodes a sample from the first non-ASCII character on.
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
		s = s[:len(s)-3] // a truncated character
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
					r.own += 6 // one of a great many Chinese characters
				}
				if !w.all && (isASCIILetter(before) || isASCIILetter(after)) {
					r.own += 2 * strayed
				}
			}
		}
		before = c
	}
	// A character counts as two letters of other scripts.
	r.total, r.n = r.own, r.n*2
	return r, r.n > 0
}
