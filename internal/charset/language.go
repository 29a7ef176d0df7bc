package charset

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed languages.txt
var tables string

// A language tells how likely letters follow each other in its texts.
type language struct {
	name   string
	script *unicode.RangeTable // of its letters
	index  map[rune]uint8      // of its letters, from 1; 0 is all else
	cost   [][]byte            // in half bits, of the second symbol after the first
	plain  bool                // whether its letters are those of ASCII
}

// firstCost is the character that stands for no cost in the tables.
const firstCost = '0'

// What symbols cost that no table has, in half bits.
const (
	inSeries   = 2  // one that is no letter after another
	usualSign  = 18 // a quotation mark, a dash
	rareSign   = 20 // a currency, a degree
	oddSign    = 26 // a fraction, a frame
	usualGuest = 22 // é in English, which has no such letters of its own
	rareGuest  = 24 // é in Polish
	oddGuest   = 30
	misplaced  = 14 // an opening mark behind a letter, a dash without a space
	midCapital = 24 // within a word
	mixed      = 40 // letters of two scripts side by side
	impossible = 60 // a control character, a byte without a character
)

// languages are those that are known, read once.
var languages = sync.OnceValue(func() (all []*language) {
	for block := range strings.SplitSeq(strings.TrimSpace(tables), "\n\n") {
		lines := strings.Split(block, "\n")
		name, alphabet, _ := strings.Cut(lines[0], " ")
		l := &language{name: name, index: map[rune]uint8{}}
		for i, r := range []rune(alphabet) {
			l.index[r] = uint8(i + 1)
			l.script = cmpScript(l.script, r)
			l.plain = r < utf8.RuneSelf
		}
		for _, line := range lines[1:] {
			row := []byte(line)
			for i := range row {
				row[i] -= firstCost
			}
			l.cost = append(l.cost, row)
		}
		all = append(all, l)
	}
	return all
})

var scripts = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hebrew, unicode.Arabic, unicode.Thai}

// cmpScript is the script known so far, or else that of the letter.
func cmpScript(known *unicode.RangeTable, r rune) *unicode.RangeTable {
	for _, s := range scripts {
		if known == nil && unicode.Is(s, r) {
			return s
		}
	}
	return known
}

func (l *language) latin() bool { return l.script == unicode.Latin }

// fold is a letter as the tables have it: small.
func fold(r rune) rune {
	if r == 'İ' {
		return 'i'
	}
	return unicode.ToLower(cedilla(r))
}

// cedilla is a letter of Romanian as old encodings have it.
func cedilla(r rune) rune {
	switch r {
	case 'ș':
		return 'ş'
	case 'Ș':
		return 'Ş'
	case 'ț':
		return 'ţ'
	case 'Ț':
		return 'Ţ'
	}
	return r
}

// isLetter reports whether a character is part of a word.
func isLetter(r rune) bool {
	return r < utf8.RuneSelf && isASCIILetter(r) || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)) && r != 'ª' && r != 'º'
}

// A symbol is what a character is to a language.
type symbol struct {
	index  uint8
	extra  uint8 // what it costs besides
	letter bool
	own    bool // of the language's script
	upper  bool
	opens  bool // marks that stand before a word
	closes bool // or behind it
	parts  bool // or between spaces
}

const (
	guests  = "éèêáàâíóôúñçäöüëïåøæßã"
	opening = "“„«‹‚¿¡"
	closing = "”»›…"
	middle  = "‘’·\u00a0،؛؟"
	dashes  = "–—•"
	money   = "£€§©№®™°"
)

func (l *language) symbol(r rune) symbol {
	s := symbol{letter: isLetter(r)}
	switch {
	case s.letter:
		s.upper = unicode.IsUpper(r)
		s.index = l.index[fold(r)]
		s.own = s.index > 0 || unicode.Is(l.script, r)
		switch {
		case s.index > 0 || r < utf8.RuneSelf:
		case s.own && strings.ContainsRune(guests, fold(r)):
			s.extra = rareGuest
			if l.plain {
				s.extra = usualGuest
			}
		case s.own:
			s.extra = oddGuest
		default:
			s.extra = mixed
		}
	case r < utf8.RuneSelf:
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' && r != '\f' {
			s.extra = impossible
		}
	case r == utf8.RuneError, unicode.IsControl(r):
		s.extra = impossible
	default:
		s.opens, s.closes = strings.ContainsRune(opening, r), strings.ContainsRune(closing, r)
		switch {
		case s.opens, s.closes, strings.ContainsRune(middle, r):
			s.extra = usualSign
		case strings.ContainsRune(dashes, r):
			s.extra, s.parts = usualSign, true
		case strings.ContainsRune(money, r):
			s.extra, s.parts = rareSign, true
		default:
			s.extra, s.parts = oddSign, true
		}
	}
	return s
}

// follow is what it costs that one symbol follows another.
func (l *language) follow(a, b *symbol) int {
	n := int(l.cost[a.index][b.index]) + int(b.extra)
	switch {
	case a.letter && b.letter && a.own != b.own:
		n += mixed
	case a.letter && b.letter && b.upper && !a.upper:
		n += midCapital
	case a.letter && (b.opens || b.parts), (a.closes || a.parts) && b.letter:
		n += misplaced
	}
	return n
}
