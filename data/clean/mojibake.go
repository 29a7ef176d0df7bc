package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"atelier/data"
)

func init() {
	data.Cleaners.Add("mojibake", "mends UTF-8 that was read as Latin-1 or Windows-1252, once or more often, where that is surely right (as ftfy does, Speer 2019, doi:10.5281/zenodo.2591652)",
		func() data.Cleaner { return &Mojibake{} })
}

// Mojibake mends texts whose characters were read in the wrong encoding: "cafÃ©".
type Mojibake struct{}

// mostReadings is how often a text may have been read wrongly; more is left.
const mostReadings = 8

// Clean implements [data.Cleaner].
func (c *Mojibake) Clean(p *data.Piece) error {
	t, ok := textOf(p)
	if !ok {
		return nil
	}
	s, n := mend(t.body)
	t.set(s)
	p.Mend("mojibake", n)
	return nil
}

// mend returns the text as it was meant, and how many characters were mended.
func mend(s string) (string, int) {
	total := 0
	for range mostReadings {
		if !mayBeMisread(s) {
			break
		}
		mended, n := reread(s)
		if n == 0 {
			break
		}
		s, _ = tidy(mended)
		total += n
	}
	s, n := upperControls(s)
	return s, total + n
}

// mayBeMisread is a quick look for what a misread text must have: a character from
// U+0080 to U+00FF.
func mayBeMisread(s string) bool {
	return strings.IndexByte(s, 0xc3) >= 0 || strings.IndexByte(s, 0xc2) >= 0
}

// A misread character is bytes of UTF-8 that were taken for a character each.
type misread struct {
	from, to int // in the text
	r        rune
	sure     bool
}

// reread reads the bytes again that were taken for characters. Those that may well
// be meant so are mended too if one is sure and nothing in the text speaks against. Where
// as many letters are right, the others are meant so: a text on encodings quotes them.
func reread(s string) (string, int) {
	found, consistent, right := misreadings(s)
	if right >= len(found) {
		return s, 0
	}
	anySure := false
	for _, m := range found {
		anySure = anySure || m.sure
	}
	var out strings.Builder
	end, n := 0, 0
	for _, m := range found {
		if m.sure || anySure && consistent {
			out.WriteString(s[end:m.from])
			out.WriteRune(m.r)
			end = m.to
			n++
		}
	}
	out.WriteString(s[end:])
	return out.String(), n
}

// misreadings finds what may be misread, and reports whether there is no other
// character beyond ASCII, and how many letters are right.
func misreadings(s string) (found []misread, consistent bool, right int) {
	consistent = true
	before := ' '
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			before = rune(s[i])
			i++
			continue
		}
		m, ok := misreadAt(s, i, before)
		if !ok {
			r, size := utf8.DecodeRuneInString(s[i:])
			before, consistent = r, false
			i += size
			if unicode.IsLetter(r) && !strings.ContainsRune("ÃÂâð", r) {
				right++
			}
			continue
		}
		if k := len(found); k > 1 && found[k-1].to == m.from && found[k-2].to == found[k-1].from {
			found[k-2].sure, found[k-1].sure, m.sure = true, true, true // three side by side
		}
		found = append(found, m)
		before = m.r
		i = m.to
	}
	return found, consistent, right
}

// misreadAt reads the character that may be misread at a place in the text.
func misreadAt(s string, at int, before rune) (misread, bool) {
	var b [utf8.UTFMax]byte
	first, i := utf8.DecodeRuneInString(s[at:])
	lead, control := byteOf(first)
	want := sequence(lead)
	if want == 0 {
		return misread{}, false
	}
	b[0] = lead
	sure, plain := false, true
	for k := 1; k < want; k++ {
		r, size := utf8.DecodeRuneInString(s[at+i:])
		c, upper := byteOf(r)
		if c&0xc0 != 0x80 {
			return misread{}, false
		}
		b[k] = c
		i += size
		control = control || upper
		plain = plain && closing(c)
	}
	r, size := utf8.DecodeRune(b[:want])
	if r == utf8.RuneError || size != want || !unicode.IsPrint(r) && !unicode.IsSpace(r) && r > 0x9f {
		return misread{}, false
	}
	switch {
	case control && r > 0x9f:
		sure = true // nobody writes upper control characters
	case plain: // unless it is a capital within a word
		after, _ := utf8.DecodeRuneInString(s[at+i:])
		sure = unicode.IsUpper(first) && unicode.IsLower(before) && unicode.IsLower(r) && unicode.IsLower(after)
	case want > 2:
		sure = true
	case lead <= 0xc3: // Latin letters and signs, by far the most frequent
		sure = true
	default:
		sure = lead != 0xd7 && lead != 0xdf && unicode.IsLower(before) && unicode.IsLower(r)
	}
	return misread{from: at, to: at + i, r: r, sure: sure}, true
}

// sequence is how many bytes a character of UTF-8 has that begins with the byte, 0
// if none does or it is ASCII.
func sequence(lead byte) int {
	switch {
	case lead >= 0xc2 && lead <= 0xdf:
		return 2
	case lead >= 0xe0 && lead <= 0xef:
		return 3
	case lead >= 0xf0 && lead <= 0xf4:
		return 4
	}
	return 0
}

// closing reports whether Windows-1252 has a mark at a byte that may well follow a
// letter: a quotation mark, a dash, an ellipsis, a hard space, a raised number.
func closing(b byte) bool {
	return strings.IndexByte("\x82\x84\x85\x8b\x91\x92\x93\x94\x95\x96\x97\x99\x9b\xa0\xaa\xab\xae\xb0\xb2\xb3\xb7\xb9\xba\xbb", b) >= 0
}

var windows1252 = func() map[rune]byte {
	m := map[rune]byte{}
	for b := 0x80; b < 0xa0; b++ {
		if r := charmap.Windows1252.DecodeByte(byte(b)); r != utf8.RuneError {
			m[r] = byte(b)
		}
	}
	return m
}()

// byteOf is the byte beyond ASCII that is read as the character, in Windows-1252
// or Latin-1, and whether it is an upper control character; 0 if there is none.
func byteOf(r rune) (b byte, control bool) {
	switch {
	case r >= 0x80 && r <= 0xff:
		return byte(r), r < 0xa0
	case r > 0xff:
		return windows1252[r], false
	}
	return 0, false
}

// upperControls reads the control characters U+0080 to U+009F, which nobody writes,
// as Windows-1252 does; those that it has no character for go.
func upperControls(s string) (string, int) {
	n := 0
	if strings.IndexByte(s, 0xc2) < 0 {
		return s, 0
	}
	mended := strings.Map(func(r rune) rune {
		switch {
		case r < 0x80 || r > 0x9f:
			return r
		case r == 0x85: // the next line
			n++
			return '\n'
		}
		n++
		if w := charmap.Windows1252.DecodeByte(byte(r)); w != utf8.RuneError && w != r {
			return w
		}
		return -1
	}, s)
	if n == 0 {
		return s, 0
	}
	return mended, n
}
