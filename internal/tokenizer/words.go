package tokenizer

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// class is the class of a character in split patterns.
type class uint8

const (
	symbol class = iota // none of the others; also an invalid byte
	letter
	number
	blank
)

// classes are those of the basic multilingual plane, where nearly all text is.
var classes = sync.OnceValue(func() *[1 << 16]class {
	var all [1 << 16]class
	for r := range all {
		all[r] = classify(rune(r))
	}
	return &all
})

func classify(r rune) class {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return blank
	}
	return symbol
}

// A pattern splits text into the words within which bytes are merged: one of the regular
// expressions used by known models, implemented by hand, since Go's have no lookahead.
type pattern struct {
	regex    string // as written in tokenizer.json; empty for GPT-2, where it may be omitted
	fold     bool   // endings such as 's are matched in upper case too
	glue     bool   // a word includes any one character before it, not only a space
	digits   int    // longest number; 0 for any, with a space before it
	lineEnds bool   // line ends stay with the preceding symbols
	single   bool   // each digit is split off first
}

// The supported patterns.
var (
	gpt2 = &pattern{}
	// llama3 and qwen2 differ in numbers: up to three digits, or one.
	llama3 = &pattern{fold: true, glue: true, digits: 3, lineEnds: true,
		regex: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`}
	qwen2 = &pattern{fold: true, glue: true, digits: 1, lineEnds: true,
		regex: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`}
	smollm = &pattern{single: true}
)

// gpt2Regex is the pattern of GPT-2, where it is written.
const gpt2Regex = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

// A scanner splits one text.
type scanner struct {
	*pattern
	table *[1 << 16]class
	text  []byte
}

// of returns the class and length of the character at a position, 0 at the end.
func (s *scanner) of(at int) (class, int) {
	if at >= len(s.text) {
		return symbol, 0
	}
	if b := s.text[at]; b < utf8.RuneSelf {
		return s.table[b], 1
	}
	r, size := utf8.DecodeRune(s.text[at:])
	switch {
	case r == utf8.RuneError && size == 1:
		return symbol, 1
	case r < 1<<16:
		return s.table[r], size
	}
	return classify(r), size
}

// run returns the end of a run of characters of a class, of at most the given number; 0 for any.
func (s *scanner) run(at int, want class, most int) int {
	for n := 0; most == 0 || n < most; n++ {
		c, size := s.of(at)
		if c != want || size == 0 {
			break
		}
		at += size
	}
	return at
}

// next returns the end of the word that begins at a position.
func (s *scanner) next(at int) int {
	if n := s.ending(at); n > 0 {
		return at + n
	}
	first, size := s.of(at)
	after := at + size
	second, _ := s.of(after)
	space := s.text[at] == ' '
	switch {
	case first == letter:
		return s.run(after, letter, 0)
	case second == letter && after < len(s.text) && s.leads(first, at):
		return s.run(after, letter, 0)
	case first == number:
		if s.digits == 0 {
			return s.run(after, number, 0)
		}
		return s.run(at, number, s.digits)
	case space && s.digits == 0 && second == number:
		return s.run(after, number, 0)
	case first == symbol:
		return s.lines(s.run(after, symbol, 0))
	case space && second == symbol && after < len(s.text):
		return s.lines(s.run(after, symbol, 0))
	}
	return s.blanks(at)
}

// leads reports whether a non-letter can begin a word.
func (s *scanner) leads(c class, at int) bool {
	b := s.text[at]
	return b == ' ' || s.glue && c != number && b != '\r' && b != '\n'
}

// lines includes the line ends at a position.
func (s *scanner) lines(at int) int {
	for s.lineEnds && at < len(s.text) && (s.text[at] == '\r' || s.text[at] == '\n') {
		at++
	}
	return at
}

// blanks returns the end of a run of blanks; the last one of a longer run belongs to the next word.
func (s *scanner) blanks(at int) int {
	end, last, lines := at, at, at
	for {
		c, size := s.of(end)
		if c != blank || size == 0 {
			break
		}
		last, end = end, end+size
		if b := s.text[last]; b == '\r' || b == '\n' {
			lines = end
		}
	}
	switch {
	case s.lineEnds && lines > at:
		return lines
	case end == len(s.text) || last == at:
		return end
	}
	return last
}

// ending returns the length of an English contraction such as 's or 're, 0 if there is none.
func (s *scanner) ending(at int) int {
	t := s.text[at:]
	if len(t) < 2 || t[0] != '\'' {
		return 0
	}
	a, b := t[1], byte(0)
	if len(t) > 2 {
		b = t[2]
	}
	if s.fold {
		a, b = lower(a), lower(b)
	}
	switch {
	case a == 's' || a == 't' || a == 'm' || a == 'd':
		return 2
	case b == 'e' && (a == 'r' || a == 'v') || a == 'l' && b == 'l':
		return 3
	case s.fold && t[1] == 0xC5 && b == 0xBF: // ſ, a long s
		return 3
	}
	return 0
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// words yields the words of a text, none longer than the limit.
func (p *pattern) words(text []byte, limit int, yield func([]byte)) {
	s := scanner{pattern: p, table: classes(), text: text}
	if p.single {
		s.isolate(limit, yield)
		return
	}
	for at := 0; at < len(text); {
		end := s.next(at)
		cut(text[at:end], limit, yield)
		at = end
	}
}

// isolate yields digits one by one, and the words between them.
func (s *scanner) isolate(limit int, yield func([]byte)) {
	between := *s.pattern
	between.single = false
	for at := 0; at < len(s.text); {
		begin := at
		c, size := s.of(at)
		for ; size > 0 && c != number; c, size = s.of(at) {
			at += size
		}
		between.words(s.text[begin:at], limit, yield)
		if size > 0 {
			yield(s.text[at : at+size])
			at += size
		}
	}
}

// cut yields a word in parts of limited length, split between characters.
func cut(word []byte, limit int, yield func([]byte)) {
	for len(word) > limit {
		n := limit
		for n > limit-utf8.UTFMax && n > 1 && !utf8.RuneStart(word[n]) {
			n--
		}
		yield(word[:n])
		word = word[n:]
	}
	yield(word)
}
