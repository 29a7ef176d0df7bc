package retrieve

import (
	"strings"
	"unicode"
	"unicode/utf8"

	snowball "github.com/kljensen/snowball/english"
)

// A Lexicon names what several words and phrases mean alike.
type Lexicon struct {
	concepts map[string]string // by phrase: of stems with blanks between, or Chinese
	words    int               // in the longest phrase
	runes    int               // in the longest Chinese one
}

// literal begins a term of a phrase that a concept stands for already: it tells wordings of the
// same concept apart.
const literal = "~"

// NewLexicon reads a concept a line: phrases with | between, of which the first names it. Lines
// that begin with # are comments.
func NewLexicon(lines string) *Lexicon {
	l := &Lexicon{concepts: map[string]string{}}
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name := ""
		for phrase := range strings.SplitSeq(line, "|") {
			all := pieces(phrase)
			if len(all) == 0 {
				continue
			}
			if name == "" {
				name = "=" + strings.Join(all, " ")
			}
			for i, w := range all {
				if !isHan(w) {
					all[i] = snowball.Stem(w, false)
				} else {
					l.runes = max(l.runes, utf8.RuneCountInString(w))
				}
			}
			l.words = max(l.words, len(all))
			if _, known := l.concepts[strings.Join(all, " ")]; !known {
				l.concepts[strings.Join(all, " ")] = name
			}
		}
	}
	return l
}

// Terms are [Terms] with the concepts of the longest phrases that the lexicon has, and the
// phrases themselves. Numbers that are in no phrase are details, such as how many, and left out.
func (l *Lexicon) Terms(text string) (all []string) {
	words := pieces(text)
	for i := 0; i < len(words); {
		if isHan(words[i]) {
			all = append(all, l.chinese(words[i])...)
			i++
			continue
		}
		n, concept := l.phrase(words[i:])
		if n == 0 {
			n = 1
			if !isNumber(words[i]) {
				all = append(all, Terms(words[i])...)
			}
		} else {
			all = append(all, concept)
			for _, t := range Terms(strings.Join(words[i:i+n], " ")) {
				all = append(all, literal+t)
			}
		}
		i += n
	}
	return all
}

// phrase is the number of words of the longest phrase that words begin with, and its concept.
func (l *Lexicon) phrase(words []string) (int, string) {
	for n := min(l.words, len(words)); n > 0; n-- {
		stems := make([]string, n)
		for i := range stems {
			stems[i] = snowball.Stem(words[i], false)
		}
		if concept, ok := l.concepts[strings.Join(stems, " ")]; ok {
			return n, concept
		}
	}
	return 0, ""
}

// chinese are the terms of a run of Chinese characters.
func (l *Lexicon) chinese(text string) (all []string) {
	rest := strings.Builder{} // what is in no phrase
	flush := func() {
		all = append(all, Terms(rest.String())...)
		rest.Reset()
	}
	runes := []rune(text)
	for i := 0; i < len(runes); {
		n := min(l.runes, len(runes)-i)
		for ; n > 0; n-- {
			if concept, ok := l.concepts[string(runes[i:i+n])]; ok {
				flush()
				all = append(all, concept)
				for _, t := range Terms(string(runes[i : i+n])) {
					all = append(all, literal+t)
				}
				break
			}
		}
		if n == 0 {
			rest.WriteRune(runes[i])
			n = 1
		}
		i += n
	}
	flush()
	return all
}

func isNumber(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsDigit(r) })
}
