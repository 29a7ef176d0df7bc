// Package filename makes readable names from file names on disk and in archives, in whatever
// encoding they were written.
package filename

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Guess detects the encoding of the names of a tree. The order in which names are added does not
// matter.
type Guess struct{ scores []score }

// Add adds the raw bytes of a name. A name in UTF-8 says nothing about the others.
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

// Names returns a decoder of names: those in UTF-8 are kept, and others are in the encoding that
// fits all of them best.
func (g *Guess) Names() Names {
	best, n := Names{}, 0
	for i, s := range g.scores {
		if s.mean() > n {
			best, n = Names{&charsets[i]}, s.mean()
		}
	}
	return best
}

// IsDoubtful reports whether a name in valid UTF-8 may be in another encoding, so that its
// neighbours are needed to decide.
func IsDoubtful(name string) bool {
	return !isPlain(name) && (!utf8.ValidString(name) || looksAccidental(name))
}

// Names decodes names. The zero Names knows only UTF-8.
type Names struct{ in *charset }

// Read returns the displayed name: composed (Unicode NFC), without control characters. What cannot
// be decoded, and what must not reach a terminal, becomes %XX.
func (n Names) Read(name string) string {
	if isPlain(name) {
		return name
	}
	if !utf8.ValidString(name) || n.in != nil && looksAccidental(name) && n.in.suits(name) {
		name, _ = n.Decode(name)
	}
	return Readable(name)
}

// Decode decodes a name that is not UTF-8; false, and the name as it is, if it cannot be.
func (n Names) Decode(name string) (string, bool) {
	if n.in != nil {
		if s, err := n.in.encoding.NewDecoder().String(name); err == nil && !strings.ContainsRune(s, utf8.RuneError) {
			return s, true
		}
	}
	return name, false
}

// Readable is Read for a name known to be in UTF-8.
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

// isUnprintable reports whether a character would move the cursor, break the line or change the
// text direction.
func isUnprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// looksAccidental reports whether a name is valid UTF-8 by accident, as 猫 in GBK is: all its
// characters have the two bytes of one character of the other encoding.
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
