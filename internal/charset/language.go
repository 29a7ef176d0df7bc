package charset

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

//go:embed languages.txt
var tables string

// A language is a bigram model of letters.
type language struct {
	name   string
	script *unicode.RangeTable // of its letters
	index  map[rune]uint8      // of its letters, from 1; 0 is everything else
	cost   [][]byte            // in half bits, of the second symbol given the first
	plain  bool                // whether it uses only ASCII letters
	west   bool                // whether Windows-1252 covers it
}

// firstCost is the character for cost 0 in the tables.
const firstCost = '0'

// Costs of symbols outside the tables, in half bits.
const (
	inSeries   = 2  // a non-letter after another
	oddSign    = 28 // an unknown sign
	spaceSign  = 36 // an accent without a letter
	sameSign   = 3  // a repeated sign, as in drawn lines
	nextFrame  = 10 // another line-drawing sign
	firstGuest = 16 // é in English, which has no accented letters of its own
	usualGuest = 20 // ü in English
	otherGuest = 23 // õ in English
	rareGuest  = 24 // é in Polish
	oddGuest   = 34 // a letter that is rare everywhere
	byDigit    = 10 // a letter beyond ASCII beside a digit
	misplaced  = 14 // a sign in an unusual place, such as a degree sign after a letter
	midCapital = 24 // a capital within a word
	mixed      = 40 // adjacent letters of two scripts
	impossible = 60 // a control character, a byte without a character
)

// languages are the known languages, parsed once.
var languages = sync.OnceValue(func() (all []*language) {
	for block := range strings.SplitSeq(strings.TrimSpace(tables), "\n\n") {
		lines := strings.Split(block, "\n")
		name, alphabet, _ := strings.Cut(lines[0], " ")
		_, err := charmap.Windows1252.NewEncoder().String(alphabet)
		l := &language{name: name, index: map[rune]uint8{}, west: err == nil}
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

// cmpScript is the script so far, or else that of the letter.
func cmpScript(known *unicode.RangeTable, r rune) *unicode.RangeTable {
	for _, s := range scripts {
		if known == nil && unicode.Is(s, r) {
			return s
		}
	}
	return known
}

func (l *language) latin() bool { return l.script == unicode.Latin }

// fold is the lower-case form used in the tables.
func fold(r rune) rune {
	if r == 'İ' {
		return 'i'
	}
	return unicode.ToLower(cedilla(r))
}

// cedilla is a Romanian letter as written in old encodings.
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
	return r < utf8.RuneSelf && isASCIILetter(r) || r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r)) && r != 'ª' && r != 'º' && r != 'µ'
}

// A symbol is a character as seen by a language.
type symbol struct {
	char   rune
	index  uint8
	extra  uint8 // extra cost
	kind   kind
	sign   *sign // nil if it is not a sign
	letter bool
	own    bool // whether it is in the language's script
	upper  bool
}

const guests = "éèêáàâíóôúñçäöüëïåøæßãûùìòî"

func (l *language) symbol(r rune) symbol {
	s := symbol{char: r, letter: isLetter(r), kind: kindOf(r)}
	switch {
	case s.letter:
		s.upper = unicode.IsUpper(r)
		s.index = l.index[fold(r)]
		s.own = s.index > 0 || unicode.Is(l.script, r)
		s.extra = l.guest(r, s)
	case r < utf8.RuneSelf:
		if isBeyond(byte(r)) {
			s.extra = impossible
		}
	case r == utf8.RuneError, unicode.IsControl(r):
		s.extra = impossible
	case strings.ContainsRune(spacing, r):
		s.extra, s.sign = spaceSign, &odd
	default:
		s.sign = signOf(r)
		s.extra = s.sign.cost
	}
	return s
}

// guest is the cost of a letter foreign to the language.
func (l *language) guest(r rune, s symbol) uint8 {
	switch {
	case s.index > 0 || r < utf8.RuneSelf:
		return 0
	case !s.own:
		return mixed
	case !strings.ContainsRune(guests, fold(r)):
		return oddGuest
	case !l.plain:
		return rareGuest
	case r == 'é':
		return firstGuest
	case strings.ContainsRune("èçàñüöäï", r):
		return usualGuest
	}
	return otherGuest
}

// follow is the cost of one symbol after another.
func (l *language) follow(a, b *symbol) int {
	if a.sign.drawn() && b.sign.drawn() {
		if a.char == b.char {
			return sameSign
		}
		return nextFrame
	}
	n := int(l.cost[a.index][b.index]) + int(b.extra)
	switch {
	case a.letter && b.letter && a.own != b.own:
		n += mixed
	case a.letter && b.letter && b.upper && !a.upper:
		n += midCapital
	case a.kind == digit && b.letter && b.char >= utf8.RuneSelf, a.letter && b.kind == digit && a.char >= utf8.RuneSelf:
		n += byDigit
	}
	if !fits(a, b) {
		n += misplaced
	}
	return n
}

// fits reports whether neither symbol is a sign in an unusual place.
func fits(a, b *symbol) bool {
	return (a.sign == nil || a.sign.before&b.kind != 0) && (b.sign == nil || b.sign.behind&a.kind != 0)
}
