package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A word is a run of characters between spaces, or a Chinese or Japanese character.
type word struct {
	text  string
	hash  uint64 // of the text
	runes int
}

// wordsOf returns the words of a text in order, and how many of them are single Chinese or Japanese
// characters. Their punctuation is not a word.
func wordsOf(s string) (words []word, ideographs int) {
	words = make([]word, 0, len(s)/5+1)
	from := -1
	end := func(to int) {
		if from >= 0 {
			words = append(words, newWord(s[from:to]))
			from = -1
		}
	}
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			if b == ' ' || b == '\n' || b == '\t' || b == '\r' {
				end(i)
			} else if from < 0 {
				from = i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isIdeograph(r):
			end(i)
			words = append(words, word{text: s[i : i+size], hash: mix(uint64(r)), runes: 1})
			ideographs++
		case unicode.IsSpace(r) || r >= 0x3000 && !unicode.IsLetter(r):
			end(i)
		case from < 0:
			from = i
		}
		i += size
	}
	end(len(s))
	return words, ideographs
}

// isIdeograph reports whether a character belongs to a script without spaces between words.
func isIdeograph(r rune) bool {
	return r >= 0x2e80 && (unicode.Is(unicode.Han, r) || r >= 'ぁ' && r <= 'ヿ')
}

func newWord(s string) word {
	h, runes := uint64(len(s)), 0
	for i := range len(s) {
		h = h*base + uint64(s[i])
		if s[i]&0xc0 != 0x80 {
			runes++
		}
	}
	return word{text: s, hash: mix(h), runes: runes}
}

// hasLetter reports whether a word has a letter.
func (w word) hasLetter() bool {
	for i := range len(w.text) {
		if b := w.text[i]; b|0x20 >= 'a' && b|0x20 <= 'z' {
			return true
		}
	}
	return strings.IndexFunc(w.text, unicode.IsLetter) >= 0
}

// exceeds reports whether a part exceeds a share of a whole, with the share rounded to a
// thousandth.
func exceeds(part, whole int, share float64) bool {
	return part*1000 > permille(share)*whole
}

func permille(share float64) int { return int(share*1000 + 0.5) }
