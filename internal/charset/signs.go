package charset

import "strings"

// A kind classifies a character next to a sign; several are summed.
type kind uint8

const (
	letter kind = 1 << iota
	digit
	space // also the end of a line
	mark  // punctuation in ASCII
	other // a non-ASCII sign
	every = letter | digit | space | mark | other
)

// A sign is a group of non-letters that texts in all languages have in the same places.
type sign struct {
	chars          string
	cost           uint8 // cost in half bits in its usual place
	behind, before kind  // what it may follow and precede
	within         bool  // whether it may stand between letters
}

// drawn reports whether it is a line-drawing sign.
func (s *sign) drawn() bool { return s != nil && (s.chars == frames || s.chars == bars) }

// signs are the known signs, the frequent ones first.
var signs = []sign{
	{"’", 10, every, every, true},
	{"“”", 14, every, every, false},
	{"–", 13, every &^ letter, every &^ letter, false},
	{"—", 14, every, every, true},
	{"…", 14, every, every, false},
	{"«", 14, every &^ digit, every, false},
	{"»", 14, every, every &^ digit, false},
	{"„¿¡", 14, space | mark | other, letter | digit | mark | other, false},
	{"‘", 16, space | mark | other, every, false},
	{"\u00a0", 8, every, every, true},
	{"°", 14, digit | space, space | mark | letter | other, false},
	{"£€", 14, space | digit | mark | other, digit | space | mark | other, false},
	{"©", 14, space | mark | other, space | digit | mark | letter | other, false},
	{"®™", 16, letter | digit | mark | other, space | mark | other, false},
	{"§№", 14, space | mark | other, space | digit | mark | other, false},
	{"½¼¾", 16, digit | space | mark | other, space | mark | other, false},
	{"²³", 12, letter | digit | mark | other, space | mark | other, false},
	{"×±", 16, digit | space | mark | other, digit | space | mark | other, false},
	{"µ", 16, space | digit | mark | other, letter, false},
	{"•■", 16, space | other, space | letter | digit | mark | other, false},
	{"º", 18, digit | letter, space | mark | other, false},
	{"·\u00ad", 20, every, every, true},
	{"،؛؟", 14, every, every, false},
	{"‹›", 22, every, every, false},
	{"‚", 24, space | mark | other, letter | digit | mark | other, false},
	{bars, 22, space | other, space | other, false},
	{frames, 32, space | other, space | other, false},
}

const (
	// bars and frames are the line-drawing characters of DOS.
	bars   = "│║"
	frames = "─┌┐└┘├┤┬┴┼═╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬▀▄█▌▐░▒▓"
	// spacing are signs that hardly ever stand alone.
	spacing = "´¨¸˝˛ˇ¯˙˘˜ˆ¬¦¤¹"
)

// odd is any other sign.
var odd = sign{cost: oddSign, behind: every &^ letter, before: every &^ letter}

// known reports whether it is one of the signs that texts in all languages have.
func (s *sign) known() bool { return s != nil && s != &odd }

// partners are signs of which the first hardly ever occurs in a text without one of the others.
var partners = []struct {
	sign   rune
	others string
}{{'“', "”„"}, {'”', "“„"}, {'„', "“”"}, {'‘', "’‚"}, {'‚', "‘"}, {'«', "»"}, {'»', "«"}, {'‹', "›"}, {'›', "‹"}, {'¿', "?"}, {'¡', "!"}}

// single is the number of signs without their partners.
func single(has func(rune) bool) int {
	n := 0
	for _, p := range partners {
		if has(p.sign) && !strings.ContainsFunc(p.others, has) {
			n++
		}
	}
	return n
}

// signOf is the sign of a character.
func signOf(r rune) *sign {
	for i := range signs {
		if strings.ContainsRune(signs[i].chars, r) {
			return &signs[i]
		}
	}
	return &odd
}

// kindOf is the kind of a character that is not a sign.
func kindOf(r rune) kind {
	switch {
	case isLetter(r):
		return letter
	case r >= '0' && r <= '9':
		return digit
	case r <= ' ', r == '\u00a0':
		return space
	case r < 0x7f:
		return mark
	}
	return other
}
