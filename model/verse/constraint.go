package verse

import (
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// A Constraint restricts a language model's output to a poetic form: it allows the tokens after
// which the text is still the beginning of a poem of the form. Odd lines end with ， and even ones
// with 。, after which a line break may follow, except after the last, which is the end. With a
// rhyme table, the even lines end with different characters of one rhyme group.
//
// A token may be several characters, or some bytes of one, as in byte-level BPE.
type Constraint struct {
	form   Form
	rhymes *Rhymes
	usable []bool   // for each rhyme group, whether it has enough characters
	tokens []string // the text of each
	at     place
}

// A place is the progress of a poem. Copies share no mutable state.
type place struct {
	lines      int // number of complete ones
	characters int // in the current line
	pending    [utf8.UTFMax]byte
	npending   int
	broken     bool   // whether there was a line break since the last line
	rhymes     []int  // rhyme groups shared by the even lines so far; nil before the first
	ends       string // last characters of the even lines so far
}

// Punctuation at the ends of lines.
const (
	comma = '，'
	stop  = '。'
)

// New returns a constraint for a vocabulary; text returns the bytes of a token. Rhymes may be
// nil. Tokens without text are never allowed.
func New(form Form, rhymes *Rhymes, text func(token int32) string, vocabulary int) (*Constraint, error) {
	if err := form.Check(); err != nil {
		return nil, err
	}
	c := &Constraint{form: form, rhymes: rhymes, tokens: make([]string, vocabulary)}
	spelled := map[string]bool{}
	for i := range c.tokens {
		c.tokens[i] = text(int32(i))
		spelled[c.tokens[i]] = true
	}
	for _, mark := range []rune{comma, stop} {
		if !spellable(mark, spelled) {
			return nil, badinput.Errorf("the vocabulary has no %c, which ends lines of verse", mark)
		}
	}
	if rhymes == nil {
		return c, nil
	}
	some := false
	for _, group := range rhymes.groups {
		n := 0
		for _, r := range group {
			if isCharacter(r) && spellable(r, spelled) {
				n++
			}
		}
		enough := n >= form.Lines/2
		c.usable, some = append(c.usable, enough), some || enough
	}
	if !some {
		return nil, badinput.Errorf("no rhyme of the table has %d characters that are in the vocabulary, one for each even line of %s", form.Lines/2, form)
	}
	return c, nil
}

// spellable reports whether a character is a token, or all its bytes are.
func spellable(r rune, tokens map[string]bool) bool {
	s := string(r)
	if tokens[s] {
		return true
	}
	for i := range len(s) {
		if !tokens[s[i:i+1]] {
			return false
		}
	}
	return true
}

// Allows reports whether a token may follow.
func (c *Constraint) Allows(token int32) bool {
	if token < 0 || int(token) >= len(c.tokens) || c.tokens[token] == "" {
		return false
	}
	_, ok := c.after(c.at, c.tokens[token])
	return ok
}

// Accept adds an allowed token.
func (c *Constraint) Accept(token int32) {
	if c.Allows(token) {
		c.at, _ = c.after(c.at, c.tokens[token])
	}
}

// Done reports whether the poem is complete.
func (c *Constraint) Done() bool { return c.at.lines == c.form.Lines }

// Start continues the beginning of a poem, such as the prompt.
func (c *Constraint) Start(text string) error {
	at, ok := c.after(c.at, text)
	if !ok {
		return badinput.Errorf("%q is not the beginning of a poem of the form %s, with ， and 。 in turn after the lines", text, c.form)
	}
	c.at = at
	return nil
}

// Clone returns an independent copy.
func (c *Constraint) Clone() *Constraint {
	again := *c
	return &again
}

// after is the place after some more bytes, if they are valid.
func (c *Constraint) after(at place, s string) (place, bool) {
	for len(s) > 0 {
		if at.npending == 0 {
			if r, size := utf8.DecodeRuneInString(s); r != utf8.RuneError {
				if !c.character(&at, r) {
					return at, false
				}
				s = s[size:]
				continue
			}
		}
		if at.npending == len(at.pending) {
			return at, false
		}
		at.pending[at.npending] = s[0]
		at.npending++
		s = s[1:]
		if bytes := at.pending[:at.npending]; utf8.FullRune(bytes) {
			r, size := utf8.DecodeRune(bytes)
			if r == utf8.RuneError || size != at.npending {
				return at, false
			}
			at.npending = 0
			if !c.character(&at, r) {
				return at, false
			}
		}
	}
	return at, at.npending == 0 || c.begins(at)
}

// character adds a character to the place, if it is valid.
func (c *Constraint) character(at *place, r rune) bool {
	switch {
	case at.lines == c.form.Lines:
		return false
	case at.characters == c.form.Characters:
		if r != c.mark(at) {
			return false
		}
		at.lines, at.characters, at.broken = at.lines+1, 0, false
		return true
	case r == '\n':
		fits := at.characters == 0 && at.lines > 0 && at.lines%2 == 0 && !at.broken
		at.broken = true
		return fits
	case !isCharacter(r):
		return false
	}
	at.characters++
	if c.rhymes != nil && at.characters == c.form.Characters && at.lines%2 == 1 {
		return c.rhyme(at, r)
	}
	return true
}

// mark is the punctuation that ends the line.
func (c *Constraint) mark(at *place) rune {
	if at.lines%2 == 0 {
		return comma
	}
	return stop
}

// rhyme ends an even line with a character, if it rhymes with the others.
func (c *Constraint) rhyme(at *place, r rune) bool {
	var shared []int
	for _, g := range c.rhymes.of[r] {
		if c.usable[g] && (at.rhymes == nil || slices.Contains(at.rhymes, g)) {
			shared = append(shared, g)
		}
	}
	for _, used := range at.ends {
		if r == used {
			return false
		}
	}
	at.rhymes, at.ends = shared, at.ends+string(r)
	return len(shared) > 0
}

// begins reports whether the pending bytes are the beginning of a valid character.
func (c *Constraint) begins(at place) bool {
	prefix := string(at.pending[:at.npending])
	at.npending = 0
	switch {
	case at.lines == c.form.Lines:
		return false
	case at.characters == c.form.Characters:
		return startsWith(c.mark(&at), prefix)
	case c.rhymes == nil || at.characters < c.form.Characters-1 || at.lines%2 == 0:
		return hanPrefixes()[prefix]
	}
	for g, group := range c.rhymes.groups {
		if !c.usable[g] || at.rhymes != nil && !slices.Contains(at.rhymes, g) {
			continue
		}
		for _, r := range group {
			if next := at; startsWith(r, prefix) && c.character(&next, r) {
				return true
			}
		}
	}
	return false
}

func startsWith(r rune, prefix string) bool {
	s := string(r)
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

// hanPrefixes are the UTF-8 prefixes of Chinese characters.
var hanPrefixes = sync.OnceValue(func() map[string]bool {
	found := map[string]bool{}
	add := func(low, high, stride rune) {
		for r := low; r <= high; r += stride {
			if !isCharacter(r) {
				continue
			}
			s := string(r)
			for i := 1; i < len(s); i++ {
				found[s[:i]] = true
			}
		}
	}
	for _, part := range unicode.Han.R16 {
		add(rune(part.Lo), rune(part.Hi), rune(part.Stride))
	}
	for _, part := range unicode.Han.R32 {
		add(rune(part.Lo), rune(part.Hi), rune(part.Stride))
	}
	return found
})
