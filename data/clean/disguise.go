package clean

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A plain is a line without disguises: look-alike characters are replaced by ASCII, and invisible
// ones removed.
type plain struct {
	text     string
	from, to []int // where in the line each byte of the text comes from
}

// place maps a range of the text back to the line.
func (p *plain) place(from, to int) (int, int) { return p.from[from], p.to[to-1] }

// undisguised returns the plain form of a line; false if the line has no disguise that matters.
func undisguised(line string, look look) (*plain, bool) {
	if !look.odd || !isDisguised(line) {
		return nil, false
	}
	var p plain
	var text strings.Builder
	for i := 0; i < len(line); {
		r, size := charAt(line, i)
		if r = bare(r); r >= 0 {
			text.WriteRune(r)
			for range text.Len() - len(p.from) {
				p.from, p.to = append(p.from, i), append(p.to, i+size)
			}
		}
		i += size
	}
	p.text = text.String()
	return &p, true
}

// isDisguised reports whether a line has a character that may stand for another.
func isDisguised(line string) bool {
	for i := 0; i < len(line); {
		if b := line[i]; b < utf8.RuneSelf && b != '&' && b != '%' {
			i++
			continue
		}
		r, size := charAt(line, i)
		if bare(r) != r && !isPlainMark(r) || size != utf8.RuneLen(r) {
			return true
		}
		i += size
	}
	return false
}

const longestEntity = 12 // bytes: "&NewLine;", "&#x00040;"

// charAt returns the character at an index and its length in bytes, more than one for an HTML
// entity or a percent-encoded byte. Invalid UTF-8 is one byte that matches nothing.
func charAt(line string, at int) (r rune, size int) {
	switch line[at] {
	case '&':
		code := line[at:min(len(line), at+longestEntity)]
		if end := strings.IndexByte(code, ';'); end > 1 {
			code = code[:end+1]
			s := html.UnescapeString(code)
			if r, size := utf8.DecodeRuneInString(s); size == len(s) && r != utf8.RuneError {
				return r, len(code)
			}
		}
	case '%':
		if at > 0 && isWord(line[at-1]) && strings.HasPrefix(line[at:], "%40") && at+3 < len(line) && isWord(line[at+3]) {
			return '@', 3
		}
	}
	return utf8.DecodeRuneInString(line[at:])
}

// bare returns the ASCII character that r looks like, -1 if r is invisible, or r itself.
func bare(r rune) rune {
	switch {
	case r < 0x80, r > 0xad && r < 0x34f, r >= 0x370 && r < 0x61c, r >= 0x3040 && r < 0xa000, r >= 0xac00 && r < 0xd800: // most letters
		return r
	case r >= 0xff01 && r <= 0xff5e: // full width
		return r - 0xff01 + '!'
	case isHidden(r):
		return -1
	case r == 0x3000 || r > 0x7f && unicode.Is(unicode.Zs, r):
		return ' '
	case r >= 0x2010 && r <= 0x2013 || r == 0x2212 || r == 0xfe58 || r == 0xfe63: // not the long dash
		return '-'
	case r == 0x2024 || r == 0xfe52:
		return '.'
	case r == 0xfe6b:
		return '@'
	case r >= 0x1d400 && r <= 0x1d6a3: // mathematical letters
		if s := norm.NFKC.String(string(r)); len(s) == 1 {
			return rune(s[0])
		}
	case r >= 0x660 && unicode.IsDigit(r):
		return '0' + digitOf(r)
	}
	return r
}

// isHidden reports whether a character is invisible: soft hyphens, joiners, directional marks and
// variation selectors.
func isHidden(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x180e, r == 0xfeff:
		return true
	}
	return r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r >= 0xfe00 && r <= 0xfe0f
}

// digitOf is the value of a digit of any script: Unicode lists the digits of each in order from 0.
func digitOf(r rune) rune {
	for _, x := range unicode.Nd.R16 {
		if r >= rune(x.Lo) && r <= rune(x.Hi) {
			return (r - rune(x.Lo)) % 10
		}
	}
	for _, x := range unicode.Nd.R32 {
		if r >= rune(x.Lo) && r <= rune(x.Hi) {
			return (r - rune(x.Lo)) % 10
		}
	}
	return 0
}

// isPlainMark reports whether a character is Chinese or Japanese punctuation in full width, or the
// ideographic space: neither is a disguise by itself.
func isPlainMark(r rune) bool { return strings.ContainsRune("，！？；：（）～　", r) }
