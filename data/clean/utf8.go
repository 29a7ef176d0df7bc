package clean

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"atelier/data"
	"atelier/internal/charset"
)

func init() {
	data.Cleaners.Add("utf8", "texts in UTF-8 and Unicode's form NFC (UAX 15), lines ended by \\n, without control characters; other encodings are found out and converted",
		func() data.Cleaner { return &UTF8{Convert: true} })
}

// UTF8 makes texts UTF-8 in form NFC.
type UTF8 struct {
	Convert bool `help:"find out other encodings, those of Windows, ISO 8859, DOS, the Macintosh, KOI8 and of Chinese, Japanese and Korean, and convert them; else such texts are dropped"`
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

// decode returns the text and the encoding that it was in, "" if none fits.
func (c *UTF8) decode(t *text) (body, name string) {
	if c.Convert {
		return charset.Decode([]byte(t.body), strings.ToLower(t.charset()))
	}
	if utf8.ValidString(t.body) {
		return t.body, charset.UTF8
	}
	return "", ""
}

// tidied counts what tidy changed.
type tidied struct{ controls, lineEnds, fields, forms int }

func (n tidied) count(p *data.Piece) {
	p.Change("control characters", n.controls)
	p.Change("line ends", n.lineEnds)
	p.Change("separators of fields", n.fields)
	p.Change("NFC", n.forms)
}

// tidy ends lines by \n, removes control characters and byte order marks, and
// brings text to the form NFC. What separates lines or fields goes on to do so. The upper
// control characters stay, for they may be half of a character that the cleaner mojibake
// mends; but for a next line where it can't be.
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

// isTidy reports whether sweep would leave the text.
func isTidy(s string) bool {
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b < ' ' && b != '\n' && b != '\t', b == 0x7f:
			return false
		case b == 0xc2 && isNextLine(s, i):
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
	returned := false // a \r was the last character that counts
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n' && returned:
			returned = false
		case isLineEnd(r), isNextLine(s, i):
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

// unitSeparator stands between the fields of a line.
const unitSeparator = '\x1f'

// isNextLine reports whether the control character U+0085 is at a place in the text, and
// no misread byte before it.
func isNextLine(s string, at int) bool {
	if !strings.HasPrefix(s[at:], "\u0085") {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	b, _ := byteOf(before)
	return b == 0
}

// isNoise reports whether a character is a lower control character, a byte order
// mark, or one of those that Unicode never assigns.
func isNoise(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n' && r != '\t' && !isLineEnd(r)
	case r == 0x7f, r == '\ufeff', r >= 0xfdd0 && r <= 0xfdef:
		return true
	}
	return r&0xfffe == 0xfffe
}
