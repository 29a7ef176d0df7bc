// Package verse implements the regular forms of classical Chinese poetry: it checks poems, and
// constrains a language model to a form.
package verse

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"atelier/internal/badinput"
)

// A Form is a regular form: lines of equal length, in couplets.
type Form struct {
	Characters int // per line
	Lines      int // an even number
}

// Limits of a form.
const (
	mostCharacters = 20
	mostLines      = 100
)

// Parse parses a form such as 5x4, which is characters by lines: 5x4 and 7x4 are quatrains (jueju),
// 5x8 and 7x8 are regulated verse (lüshi).
func Parse(s string) (Form, error) {
	characters, lines, ok := strings.Cut(strings.ReplaceAll(s, "×", "x"), "x")
	c, err1 := strconv.Atoi(characters)
	l, err2 := strconv.Atoi(lines)
	if !ok || err1 != nil || err2 != nil {
		return Form{}, badinput.Errorf("the form of verse is %q; want characters by lines, such as 5x4, 7x4, 5x8 or 7x8", s)
	}
	f := Form{c, l}
	return f, f.Check()
}

// Check rejects an invalid form.
func (f Form) Check() error {
	switch {
	case f.Characters < 1 || f.Characters > mostCharacters:
		return badinput.Errorf("lines of %d characters; want 1 to %d", f.Characters, mostCharacters)
	case f.Lines < 2 || f.Lines > mostLines || f.Lines%2 != 0:
		return badinput.Errorf("%d lines; want an even number, 2 to %d", f.Lines, mostLines)
	}
	return nil
}

func (f Form) String() string { return fmt.Sprintf("%dx%d", f.Characters, f.Lines) }

// A Report says how well a poem follows a form, and how it rhymes.
type Report struct {
	// Kept reports whether the poem follows the form.
	Kept bool
	// Fault describes the first deviation, if there is one.
	Fault string
	// Lines is the number of lines, Fitting the number of those with the right number of
	// characters.
	Lines, Fitting int
	// Ends is the number of even lines, Known the number of those whose last character is in the
	// rhyme table, and Rhyming the size of the largest group of these that rhyme with one another;
	// a line that rhymes with no other does not count.
	Ends, Known, Rhyming int
}

// RhymeShare is the share of the even lines with known ends that rhyme; ok is false if there are
// fewer than two.
func (r Report) RhymeShare() (share float64, ok bool) {
	if r.Known < 2 {
		return 0, false
	}
	return float64(r.Rhyming) / float64(r.Known), true
}

// Check compares a poem with a form. Lines end with a punctuation mark or a line break; space is
// ignored. Rhymes are ignored if the table is nil.
func Check(text string, form Form, rhymes *Rhymes) Report {
	lines, fault := split(text)
	r := Report{Lines: len(lines), Fault: fault}
	var ends []rune
	for i, line := range lines {
		if len(line) == form.Characters {
			r.Fitting++
		} else if r.Fault == "" {
			r.Fault = fmt.Sprintf("line %d has %d characters; the form has %d", i+1, len(line), form.Characters)
		}
		if i%2 == 1 {
			ends = append(ends, line[len(line)-1])
		}
	}
	if r.Lines != form.Lines && r.Fault == "" {
		r.Fault = fmt.Sprintf("it has %d lines; the form has %d", r.Lines, form.Lines)
	}
	r.Kept = r.Fault == ""
	r.Ends = len(ends)
	if rhymes != nil {
		r.Known, r.Rhyming = rhymes.count(ends)
	}
	return r
}

// split returns the non-empty lines of a poem without their punctuation. The fault is a character
// that does not belong in verse.
func split(text string) (lines [][]rune, fault string) {
	var line []rune
	end := func() {
		if len(line) > 0 {
			lines, line = append(lines, line), nil
		}
	}
	for _, r := range text {
		switch {
		case isCharacter(r):
			line = append(line, r)
		case r == '\n' || unicode.IsPunct(r):
			end()
		case unicode.IsSpace(r):
		case fault == "":
			fault = fmt.Sprintf("%q is not a Chinese character", r)
		}
	}
	end()
	return lines, fault
}

// isCharacter reports whether a character occurs in Chinese text, which radicals by themselves do
// not.
func isCharacter(r rune) bool {
	return unicode.Is(unicode.Han, r) && (r >= '\u3400' || r == '〇' || r == '々')
}
