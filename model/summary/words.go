package summary

import (
	"strings"
	"unicode"

	snowball "github.com/kljensen/snowball/english"
)

// terms are the terms by which sentences are compared: stems of content words, and for Chinese
// pairs of adjacent characters, which need no dictionary.
func terms(sentence string) (all []string) {
	for _, w := range words(sentence) {
		if isHan(w) {
			all = append(all, w)
			continue
		}
		if len(w) > 1 && !snowball.IsStopWord(w) {
			all = append(all, snowball.Stem(w, false))
		}
	}
	return all
}

// words are the lower-case words of a text; for Chinese, pairs of adjacent characters, or single
// isolated ones.
func words(text string) (all []string) {
	var han []rune
	flush := func() {
		if len(han) == 1 {
			all = append(all, string(han))
		}
		for i := range max(0, len(han)-1) {
			all = append(all, string(han[i:i+2]))
		}
		han = han[:0]
	}
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			all = append(all, word.String())
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			end()
			han = append(han, r)
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			flush()
			word.WriteRune(unicode.ToLower(r))
			continue
		}
		flush()
		end()
	}
	flush()
	end()
	return all
}

func isHan(word string) bool {
	for _, r := range word {
		return unicode.Is(unicode.Han, r)
	}
	return false
}

// Words is the number of words of a text; for Chinese, of characters.
func Words(text string) (n int) {
	inWord := false
	for _, r := range text {
		han := unicode.Is(unicode.Han, r)
		letter := !han && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || inWord && (r == '\'' || r == '’'))
		if han || letter && !inWord {
			n++
		}
		inWord = letter
	}
	return n
}
