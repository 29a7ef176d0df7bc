package clean

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/charset"
)

func init() {
	data.Cleaners.Add("utf8", "converts texts to UTF-8 in Unicode form NFC (UAX 15), with \\n line ends and without control characters; other encodings are detected",
		func() data.Cleaner { return &UTF8{Convert: true} })
}

// UTF8 converts texts to UTF-8 in NFC.
type UTF8 struct {
	Convert bool `help:"detect and convert other encodings: Windows, ISO 8859, DOS, Macintosh, KOI8, Chinese, Japanese and Korean; else such texts are dropped"`
}

// Clean implements [data.Cleaner].
func (c *UTF8) Clean(p *data.Piece) error {
	t, ok := textOf(p)
	if !ok {
		return nil
	}
	if body, name := c.decode(t); name == "" {
		return &data.Drop{Reason: "unknown encoding"}
	} else if name != charset.UTF8 {
		t.set(body)
		t.inUTF8()
		p.Change("from "+name, 1)
	}
	tidied, n := tidy(t.body)
	if n.controls > 4 && n.controls*20 > len(t.body) {
		return data.Dropf("not text", "%d control characters in %d bytes", n.controls, len(t.body))
	}
	if charset.IsBlank([]byte(tidied)) {
		return data.Dropf("empty", "the text is blank")
	}
	t.set(tidied)
	n.count(p)
	return nil
}

// decode returns the text and its detected encoding, "" if none fits.
func (c *UTF8) decode(t *text) (body, name string) {
	if c.Convert {
		return charset.Decode([]byte(t.body), strings.ToLower(t.charset()))
	}
	if utf8.ValidString(t.body) {
		return t.body, charset.UTF8
	}
	return "", ""
}

// tidied counts the changes of tidy.
type tidied struct{ controls, lineEnds, fields, forms int }

func (n tidied) count(p *data.Piece) {
	p.Change("control characters", n.controls)
	p.Change("line ends", n.lineEnds)
	p.Change("separators of fields", n.fields)
	p.Change("NFC", n.forms)
}

// tidy ends lines with \n, removes control characters and byte order marks, and normalises to NFC.
// Separators of lines and fields are kept. Upper control characters stay, since they may be part of
// a misread character that the cleaner mojibake repairs, except a next line that cannot be.
func tidy(s string) (string, tidied) {
	var n tidied
	if !isTidy(s) {
		s = sweep(s, &n)
	}
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
		n.forms = 1
	}
	return s, n
}

// isTidy reports whether sweep would change nothing.
func isTidy(s string) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b < ' ' && b != '\n' && b != '\t', b == 0x7f:
			return false
		case b == 0xc2 && isNextLine(s[:i], s[i:]):
			return false
		case b >= 0xe2:
			if r, _ := utf8.DecodeRuneInString(s[i:]); isNoise(r) || isLineEnd(r) {
				return false
			}
		}
	}
	return true
}

func sweep(s string, n *tidied) string {
	var out strings.Builder
	out.Grow(len(s))
	returned := false // the last relevant character was \r
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n' && returned:
			returned = false
		case isLineEnd(r), isNextLine(out.String(), s[i:]):
			out.WriteByte('\n')
			n.lineEnds++
			returned = r == '\r'
		case r == unitSeparator:
			out.WriteByte(' ')
			n.fields++
			returned = false
		case isNoise(r):
			n.controls++
		default:
			out.WriteString(s[i : i+size])
			returned = false
		}
	}
	return out.String()
}

// isLineEnd reports whether a character other than \n ends a line.
func isLineEnd(r rune) bool {
	return r == '\r' || r == '\f' || r == '\v' || r >= '\x1c' && r < unitSeparator || r == '\u2028' || r == '\u2029'
}

// unitSeparator separates the fields of a line.
const unitSeparator = '\x1f'

// isNextLine reports whether a text begins with U+0085, and the kept text before it does not end in
// a misread byte.
func isNextLine(before, s string) bool {
	if !strings.HasPrefix(s, "\u0085") {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	b, _ := byteOf(last)
	return b == 0
}

// isNoise reports whether a character is a lower control character, a byte order mark, or a
// noncharacter of Unicode.
func isNoise(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t' && !isLineEnd(r)
	case r == 0x7f, r == '\ufeff', r >= 0xfdd0 && r <= 0xfdef:
		return true
	}
	return r&0xfffe == 0xfffe
}
