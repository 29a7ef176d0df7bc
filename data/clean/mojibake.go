package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"atelier/data"
)

func init() {
	data.Cleaners.Add("mojibake", "repairs UTF-8 that was decoded as Latin-1 or Windows-1252, once or several times, where that is certain (as ftfy does, Speer 2019, doi:10.5281/zenodo.2591652)",
		func() data.Cleaner { return &Mojibake{} })
}

// Mojibake repairs texts that were decoded with the wrong encoding: "cafÃ©".
type Mojibake struct{}

// mostReadings is the largest number of wrong decodings that is undone.
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

// mend returns the repaired text, and the number of repaired characters.
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

// mayBeMisread is a quick test for a character from U+0080 to U+00FF, which every misread text has.
func mayBeMisread(s string) bool {
	return strings.IndexByte(s, 0xc3) >= 0 || strings.IndexByte(s, 0xc2) >= 0
}

// A misread character is a sequence of UTF-8 bytes that were each decoded as a character.
type misread struct {
	from, to int // in the text
	r        rune
	sure     bool
}

// reread decodes the bytes again. Ambiguous sequences are repaired too if at least one is certain
// and nothing contradicts it. If as many letters are right as are wrong, they are kept: the text
// may quote mojibake.
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

// misreadings finds possible misreadings, and reports whether the text has no other character
// beyond ASCII and how many letters are right.
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
			found[k-2].sure, found[k-1].sure, m.sure = true, true, true // three in a row
		}
		found = append(found, m)
		before = m.r
		i = m.to
	}
	return found, consistent, right
}

// misreadAt decodes the possible misreading at an index of the text.
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
		sure = true // upper control characters are not used in texts
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

// sequence is the length of the UTF-8 sequence that begins with a byte, 0 if none does or it is
// ASCII.
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

// closing reports whether a byte is a mark in Windows-1252 that can follow a letter: a quotation
// mark, a dash, an ellipsis, a hard space, a superscript.
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

// byteOf is the byte beyond ASCII that Windows-1252 or Latin-1 decodes to a character, and whether
// it is an upper control character; 0 if there is none.
func byteOf(r rune) (b byte, control bool) {
	switch {
	case r >= 0x80 && r <= 0xff:
		return byte(r), r < 0xa0
	case r > 0xff:
		return windows1252[r], false
	}
	return 0, false
}

// upperControls maps the control characters U+0080 to U+009F, which texts do not use, as
// Windows-1252 does; those without a character there are removed.
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
