// Package filename makes readable names of those that files have on disk and in
// archives, whatever encoding a stranger's machine wrote them in.
package filename

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Guess finds out the encoding of the names of a tree. The order in which they are
// added plays no part.
type Guess struct{ scores []score }

// Add has a name weighed, as its bytes are. One in UTF-8 tells nothing of the others.
func (g *Guess) Add(name string) {
	if utf8.ValidString(name) {
		return
	}
	if g.scores == nil {
		g.scores = make([]score, len(charsets))
	}
	for i, c := range charsets {
		g.scores[i].add(c, name)
	}
}

// Names returns what reads the names: those in UTF-8 as they are, and others in the
// encoding that fits all of them best.
func (g *Guess) Names() Names {
	best, n := Names{}, 0
	for i, s := range g.scores {
		if s.mean() > n {
			best, n = Names{&charsets[i]}, s.mean()
		}
	}
	return best
}

// IsDoubtful says whether a name may mean another than it says in UTF-8, so that those
// around it must be known before it is read.
func IsDoubtful(name string) bool {
	return !isPlain(name) && (!utf8.ValidString(name) || looksAccidental(name))
}

// Names reads names. The zero Names knows UTF-8 alone.
type Names struct{ in *charset }

// Read returns the name for people: composed (Unicode NFC), without control characters.
// What cannot be decoded, and what must not reach a terminal, is written as %XX.
func (n Names) Read(name string) string {
	if isPlain(name) {
		return name
	}
	if n.in != nil && (!utf8.ValidString(name) || looksAccidental(name) && n.in.suits(name)) {
		if s, err := n.in.encoding.NewDecoder().String(name); err == nil && !strings.ContainsRune(s, utf8.RuneError) {
			name = s
		}
	}
	return Readable(name)
}

// Readable is a name whose encoding is known to be UTF-8, for people.
func Readable(name string) string {
	if isPlain(name) {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		_, size := utf8.DecodeRuneInString(name[i:])
		if raw := name[i : i+size]; r == utf8.RuneError && size == 1 || isUnprintable(r) {
			for _, c := range []byte(raw) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(raw)
		}
	}
	return norm.NFC.String(b.String())
}

// isUnprintable says whether a character would move the cursor, break the line or turn
// the direction of what is written.
func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// looksAccidental says whether a name is in UTF-8 by accident, as 猫 in GBK is: all its
// characters take the two bytes that one of the other encoding would take.
func looksAccidental(name string) bool {
	for _, r := range name {
		if utf8.RuneLen(r) > 2 {
			return false
		}
	}
	return true
}

func isPlain(name string) bool {
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' {
			return false
		}
	}
	return true
}
