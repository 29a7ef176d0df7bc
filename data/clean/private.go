package clean

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/midi"
	"atelier/internal/phone"
	"atelier/internal/registry"
)

func init() {
	data.Cleaners.Add("private", "replaces personal data in texts, texts within music, captions and credits by marks: [EMAIL], [PHONE] (libphonenumber), [ID] (GB 11643-1999, US social security), [CARD] (ISO/IEC 7812), [IBAN] (ISO 13616), [IP], [KEY]",
		func() data.Cleaner { return &Private{Regions: "US,CN,GB"} })
}

// Private replaces personal data by marks of its kind: in texts, in the texts within music and, for
// Items of any kind, in captions, creators and attributions. In names and places, which are paths
// and addresses full of numbers, it replaces only what is unmistakable.
type Private struct {
	Regions string `help:"countries whose phone numbers are recognised without a country code: \"US,CN,GB\""`
	Keep    string `help:"kinds of personal data to leave in place: \"IP,PHONE\""`
}

var kinds = []string{"EMAIL", "PHONE", "ID", "CARD", "IBAN", "IP", "KEY"}

// Check refuses settings outside their range.
func (c *Private) Check() error {
	for _, region := range listed(c.Regions) {
		if !phone.IsRegion(region) {
			return registry.Unfit("regions", fmt.Sprintf("want codes of two letters such as \"US,CN\", got %q", region))
		}
	}
	for _, kind := range listed(c.Keep) {
		if !slices.Contains(kinds, kind) {
			return registry.Unfit("keep", fmt.Sprintf("%q is no kind; %s", kind, registry.Suggest(kind, kinds)))
		}
	}
	return nil
}

// listed splits a setting that is a list with commas.
func listed(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// A finding is personal data in a text.
type finding struct {
	from, to int
	kind     string
}

// inPaths are the kinds looked for in names and places.
var inPaths = []string{"EMAIL", "IBAN", "KEY"}

// Clean implements [data.Cleaner].
func (c *Private) Clean(p *data.Piece) error {
	for _, s := range []*string{&p.Caption, &p.Origin.Creator, &p.Origin.Attribution} {
		*s = c.mark(p, *s, kinds)
	}
	for _, s := range []*string{&p.Name, &p.Origin.Place} {
		*s = c.mark(p, *s, inPaths)
	}
	if t, ok := textOf(p); ok {
		t.set(c.mark(p, t.body, kinds))
	}
	if m, _ := musicOf(p); m != nil { // unreadable music is dropped by the cleaner midi
		for i := range m.Events {
			c.markEvent(p, m, &m.Events[i])
		}
	}
	return nil
}

// markEvent is mark for a text within music: a title, a copyright notice, a lyric.
func (c *Private) markEvent(p *data.Piece, m *Music, e *midi.Event) {
	said, _ := e.Text()
	if text := c.mark(p, said, kinds); text != said {
		m.mended(p) // since it is encoded again
		e.SetText(text)
		m.file = nil
	}
}

// mark replaces findings of the given kinds by marks.
func (c *Private) mark(p *data.Piece, s string, of []string) string {
	var out strings.Builder
	end := 0
	for _, f := range c.find(s) {
		if !slices.Contains(of, f.kind) {
			continue
		}
		out.WriteString(s[end:f.from])
		out.WriteString("[" + f.kind + "]")
		end = f.to
		p.Change(f.kind, 1)
	}
	if end == 0 {
		return s
	}
	out.WriteString(s[end:])
	return out.String()
}

// find returns the personal data of a text in order; overlapping findings are merged, with the kind
// of the first and longest.
func (c *Private) find(s string) []finding {
	var all []finding
	add := func(from, to int, kind string) {
		if !slices.Contains(listed(c.Keep), kind) {
			all = append(all, finding{from, to, kind})
		}
	}
	findBlocks(s, add)
	at := 0
	for line := range strings.Lines(s) {
		look := glance(line)
		c.findIn(line, look, func(from, to int, kind string) { add(at+from, at+to, kind) })
		if p, ok := undisguised(line, look); ok {
			c.findIn(p.text, glance(p.text), func(from, to int, kind string) {
				from, to = p.place(from, to)
				add(at+from, at+to, kind)
			})
		}
		at += len(line)
	}
	slices.SortFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to), cmp.Compare(a.kind, b.kind))
	})
	whole := all[:0]
	for _, f := range all {
		last := len(whole) - 1
		switch {
		case last < 0 || f.from >= whole[last].to:
			whole = append(whole, f)
		case f.kind != "EMAIL": // a password before "@example.org" leaves the place
			whole[last].to = max(whole[last].to, f.to)
		}
	}
	return whole
}

// findIn finds the personal data of a line.
func (c *Private) findIn(line string, look look, add func(from, to int, kind string)) {
	if look.at {
		findEmails(line, add)
	}
	if look.longest >= 16 {
		findKeys(line, add)
	}
	if look.colons+look.equals+look.tags >= 1 || look.digits >= 1 && look.longest >= 10 {
		findSecrets(line, look, add)
	}
	if look.digits >= 4 {
		findAddresses(line, look, add)
	}
	if look.digits >= 7 {
		findIBANs(line, add)
		findCalled(line, add)
		c.findNumbers(line, add)
	}
}

// A look counts the features of a line that personal data needs.
type look struct {
	digits, dots, colons, equals int
	tags                         int  // closing tags of elements, and options of commands
	longest                      int  // bytes between spaces
	at                           bool // possibly in brackets or, as "dot", in words
	odd                          bool // characters that disguises use
}

// telling are the bytes that matter for a look: letters and most marks do not.
var telling = func() (is [256]bool) {
	for b := range is {
		is[b] = b >= 0xc2 || strings.IndexByte(" \n0123456789.:&%=@-[({<", byte(b)) >= 0
	}
	return is
}()

func glance(line string) (l look) {
	word := 0 // its start
	for i := range len(line) {
		if !telling[line[i]] {
			continue
		}
		switch b := line[i]; {
		case b == ' ' || b == '\n':
			l.longest = max(l.longest, i-word)
			word = i + 1
			l.at = l.at || len(line)-i > 4 && line[i+1]|0x20 == 'd' && line[i+4] == ' ' && strings.EqualFold(line[i+1:i+4], "dot")
		case b >= '0' && b <= '9':
			l.digits++
		case b == '.':
			l.dots++
		case b == ':':
			l.colons++
		case b >= 0xc2 || b == '&' || b == '%':
			l.odd = true
			if b == 0xef && strings.HasPrefix(line[i:], "：") {
				l.colons++
			}
		case b == '=':
			l.equals++
		case b == '@':
			l.at = true
		case b == '-':
			if i > 0 && line[i-1] == '-' {
				l.tags++
			}
		case b == '[' || b == '(' || b == '{' || b == '<':
			l.at = l.at || hasVeiledAt(line[i+1:])
			if b == '<' && strings.HasPrefix(line[i:], "</") {
				l.tags++
			}
		}
	}
	l.longest = max(l.longest, len(line)-word)
	return l
}

// hasVeiledAt reports whether a string continues with "at" in brackets, after the first.
func hasVeiledAt(s string) bool {
	s = strings.TrimPrefix(s[:min(len(s), 4)], " ")
	return len(s) >= 2 && (strings.EqualFold(s[:2], "at") || strings.HasPrefix(s, "ät") || strings.HasPrefix(s, "Ät"))
}

// isWord reports whether a byte is an ASCII letter, digit or underscore.
func isWord(b byte) bool {
	return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9' || b == '_'
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// alone reports whether a range of a text is not part of a longer word.
func alone(s string, from, to int) bool {
	return (from == 0 || !isWord(s[from-1])) && (to == len(s) || !isWord(s[to]))
}

// saidAfter reports whether one of the words occurs shortly after an index.
func saidAfter(s string, at int, words []string) bool {
	after := strings.ToLower(s[at:min(len(s), at+24)])
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(after, w) })
}

// said reports whether one of the words occurs shortly before an index.
func said(s string, at int, words []string) bool {
	before := strings.ToLower(s[max(0, at-32):at])
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(before, w) })
}
