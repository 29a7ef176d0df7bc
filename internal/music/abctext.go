package music

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// abcAccents are the combining marks of what stands between a backslash and a letter in a text of ABC,
// as in caf\'e.
var abcAccents = map[byte]string{
	'`': "\u0300", '\'': "\u0301", '^': "\u0302", '~': "\u0303", '"': "\u0308", 'c': "\u0327", 'H': "\u030b", 'v': "\u030c", 'u': "\u0306",
}

// abcLetters are the two signs behind a backslash that are a letter.
var abcLetters = map[string]string{
	"AA": "Å", "aa": "å", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ", "/O": "Ø", "/o": "ø",
	"ss": "ß", "TH": "Þ", "th": "þ", "DH": "Ð", "dh": "ð",
}

// abcText decodes what a text of ABC writes in ASCII: \'e, \ss, \u00e9 or &eacute;.
func abcText(text string) string {
	var out strings.Builder
	plain := 0 // where what may hold entities begins
	flush := func(to int) { out.WriteString(html.UnescapeString(text[plain:to])) }
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if s, size := abcEscape(text[i+1:]); size > 0 {
			flush(i)
			out.WriteString(s)
			plain = i + 1 + size
			i = plain - 1
		}
	}
	flush(len(text))
	return out.String()
}

// abcEscape decodes what follows a backslash: how many bytes of it, 0 if it says nothing.
func abcEscape(text string) (s string, size int) {
	if text == "" {
		return "", 0
	}
	switch text[0] {
	case '\\', '%', '&':
		return text[:1], 1
	case 'u', 'U':
		digits := 4
		if text[0] == 'U' {
			digits = 8
		}
		if len(text) > digits {
			if n, err := strconv.ParseUint(text[1:1+digits], 16, 32); err == nil && utf8.ValidRune(rune(n)) {
				return string(rune(n)), 1 + digits
			}
		}
	}
	if len(text) < 2 {
		return "", 0
	}
	if letter, ok := abcLetters[text[:2]]; ok {
		return letter, 2
	}
	if mark, ok := abcAccents[text[0]]; ok && text[1] < utf8.RuneSelf && unicode.IsLetter(rune(text[1])) {
		if s := norm.NFC.String(text[1:2] + mark); utf8.RuneCountInString(s) == 1 {
			return s, 2
		}
	}
	return "", 0
}

// asABCText is a text that abcText decodes to it.
func asABCText(text string) string {
	text = strings.NewReplacer(`\`, `\\`, `%`, `\%`).Replace(text)
	if html.UnescapeString(text) != text {
		text = strings.ReplaceAll(text, "&", `\&`)
	}
	return text
}
