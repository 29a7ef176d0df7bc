package clean

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// A charset is an encoding that texts are found to be in.
type charset struct {
	name     string
	encoding encoding.Encoding
	// weigh says how likely a character that is not ASCII is between those two.
	weigh func(before, r, after rune) int
}

var (
	littleEndian = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	bigEndian    = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// charsets are the encodings that are tried; of two that fit alike the first is taken.
var charsets = []charset{
	{"gb18030", simplifiedchinese.GB18030, han(simplified, levelOne(simplifiedchinese.GBK, 0xb0, 0xd7))},
	{"big5", traditionalchinese.Big5, han(traditional, levelOne(traditionalchinese.Big5, 0xa4, 0xc6))},
	{"shift_jis", japanese.ShiftJIS, kana},
	{"euc-jp", japanese.EUCJP, kana},
	{"euc-kr", korean.EUCKR, hangul},
	{"windows-1252", charmap.Windows1252, latin},
	{"windows-1251", charmap.Windows1251, cyrillic},
	{"koi8-r", charmap.KOI8R, cyrillic},
	{"utf-16le", littleEndian, wide},
	{"utf-16be", bigEndian, wide},
}

const (
	sampled   = 16 << 10 // bytes by which an encoding is found out
	errorCost = 40       // weight that a byte which does not decode costs
)

// detect finds out the encoding that bytes are in, and returns their text. A hint
// is believed if everything decodes.
func detect(b []byte, hint string) (name, body string) {
	if e, err := htmlindex.Get(hint); hint != "" && err == nil {
		if s, wrong := decode(e, b); wrong == 0 && !strings.ContainsRune(s, 0) {
			return hint, s
		}
	}
	var best charset
	most := 0
	for _, c := range charsets {
		if score := c.score(b[:min(len(b), sampled)]); score > most {
			best, most = c, score
		}
	}
	if most == 0 {
		return "", ""
	}
	s, wrong := decode(best.encoding, b)
	if wrong*100 > len(b) {
		return "", ""
	}
	return best.name, s
}

// decode returns the text, and how many characters of it could not be read.
func decode(e encoding.Encoding, b []byte) (string, int) {
	s, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", len(b)
	}
	return string(s), strings.Count(string(s), "\ufffd")
}

// score is how well the charset fits: the weight of a thousand characters on the
// mean, of those that are not ASCII. A character cut at the end costs nothing.
func (c charset) score(b []byte) int {
	wide := c.encoding == littleEndian || c.encoding == bigEndian
	if wide {
		b = b[:len(b)&^1]
	}
	s, _ := decode(c.encoding, b)
	s = strings.TrimSuffix(s, "\ufffd")
	sum, n := 0, 0
	before := ' '
	for i, r := range s {
		if r >= utf8.RuneSelf || wide || r == 0 {
			n++
			after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			switch {
			case r == utf8.RuneError || r == 0:
				sum -= errorCost
			default:
				sum += c.weigh(before, r, after)
			}
		}
		before = r
	}
	if n == 0 {
		return 0
	}
	return sum * 1000 / n
}
