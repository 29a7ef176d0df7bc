package codec

import (
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// Tokens of captions that are no words of the vocabulary: nothing, and an unknown word.
const (
	NoWord      = 0
	UnknownWord = 1
	firstWord   = 2
)

// mostWord is the longest word in Chinese, in characters.
const mostWord = 6

// skipped are words that say nothing in a bag of words.
var skipped = map[string]bool{
	"a": true, "an": true, "the": true, "of": true, "in": true, "on": true, "with": true, "and": true, "is": true,
	"的": true, "和": true, "一个": true, "一只": true, "一位": true, "在": true, "与": true,
}

// A lexicon is the words of captions, and pairs of them, in the order of their tokens.
type lexicon struct {
	words []string
	of    map[string]int32 // token of a word
	stems map[string]int32 // token of the most frequent word with that stem
}

func newLexicon(words []string) *lexicon {
	l := &lexicon{words: words, of: make(map[string]int32, len(words)), stems: map[string]int32{}}
	for i, w := range words {
		token := int32(firstWord + i)
		l.of[w] = token
		if isPair(w) {
			continue
		}
		if stem := english.Stem(w, true); w[0] < unicode.MaxASCII {
			if _, known := l.stems[stem]; !known {
				l.stems[stem] = token
			}
		}
	}
	return l
}

// token is the token of a word: that of the word itself, or else of one with the same stem.
func (l *lexicon) token(word string) int32 {
	if token, ok := l.of[word]; ok {
		return token
	}
	if word[0] < unicode.MaxASCII {
		if token, ok := l.stems[english.Stem(word, true)]; ok {
			return token
		}
	}
	return UnknownWord
}

// split returns the words of a caption: in scripts with spaces runs of letters and digits, in lower
// case; in Chinese the longest words of the lexicon from the left, or else characters.
func (l *lexicon) split(text string) (words []string) {
	for run, han := range runs(text) {
		if !han {
			words = append(words, run)
			continue
		}
		for rest := []rune(run); len(rest) > 0; {
			n := min(len(rest), mostWord)
			for ; n > 1; n-- {
				if w := string(rest[:n]); l.of[w] != 0 || skipped[w] {
					break
				}
			}
			words = append(words, string(rest[:n]))
			rest = rest[n:]
		}
	}
	return slices.DeleteFunc(words, func(w string) bool { return skipped[w] })
}

// pairsOf yields neighbouring words, with a space between the two.
func pairsOf(words []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 1; i < len(words); i++ {
			if !yield(words[i-1] + " " + words[i]) {
				return
			}
		}
	}
}

// isPair reports whether a word of a vocabulary is a pair of words.
func isPair(word string) bool { return strings.Contains(word, " ") }

func notHan(r rune) bool { return !unicode.Is(unicode.Han, r) }

// runs yields runs of letters and digits in lower case, and whether each is Chinese.
func runs(text string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		var run strings.Builder
		var han bool
		for _, r := range norm.NFKC.String(text) + " " {
			is := unicode.Is(unicode.Han, r)
			within := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
			if run.Len() > 0 && (!within || is != han) {
				if !yield(run.String(), han) {
					return
				}
				run.Reset()
			}
			if within {
				han = is
				run.WriteRune(unicode.ToLower(r))
			}
		}
	}
}
