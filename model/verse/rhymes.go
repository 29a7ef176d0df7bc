package verse

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// Rhymes is a rhyme table: groups of characters that rhyme with one another. A character with
// several readings is in several groups.
type Rhymes struct {
	groups [][]rune       // each character once
	of     map[rune][]int // the groups of a character, in order
}

// Limits of a table.
const (
	mostBytes  = 16 << 20
	mostGroups = 10000
)

// ReadRhymes reads a table from a JSON file: by tone and rhyme, the characters, as {"上平声部": {"一东":
// ["东", "同"]}}. Characters are compared as written: a table of simplified characters recognizes few
// of a poem in traditional ones.
func ReadRhymes(path string) (*Rhymes, error) {
	text, err := durable.ReadFile(path, mostBytes)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	r, err := ParseRhymes(text)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ParseRhymes parses a table as [ReadRhymes] does.
func ParseRhymes(text []byte) (*Rhymes, error) {
	var tones map[string]map[string][]string
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&tones); err != nil {
		return nil, badinput.Errorf(`no table of rhymes: %w; want {"tone": {"rhyme": ["character", ...]}}`, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, badinput.Errorf("no table of rhymes: something follows the JSON object")
	}
	r := &Rhymes{of: map[rune][]int{}}
	for _, tone := range slices.Sorted(maps.Keys(tones)) {
		for _, rhyme := range slices.Sorted(maps.Keys(tones[tone])) {
			if err := r.add(tone+" "+rhyme, tones[tone][rhyme]); err != nil {
				return nil, err
			}
		}
	}
	if len(r.groups) == 0 {
		return nil, badinput.Errorf("the table of rhymes is empty")
	}
	return r, nil
}

// add adds a group.
func (r *Rhymes) add(name string, characters []string) error {
	if len(r.groups) == mostGroups {
		return badinput.Errorf("more than %d rhymes", mostGroups)
	}
	at, group := len(r.groups), []rune(nil)
	for _, s := range characters {
		c, size := utf8.DecodeRuneInString(s)
		if size != len(s) || c == utf8.RuneError {
			return badinput.Errorf("the rhyme %s has %q; want one character", name, s)
		}
		if of := r.of[c]; len(of) == 0 || of[len(of)-1] != at {
			r.of[c] = append(of, at)
			group = append(group, c)
		}
	}
	r.groups = append(r.groups, group)
	return nil
}

// Known reports whether the table contains a character.
func (r *Rhymes) Known(c rune) bool { return len(r.of[c]) > 0 }

// count returns how many of the characters are known, and how many of these rhyme with one another
// in their largest common group; a single one does not rhyme.
func (r *Rhymes) count(ends []rune) (known, rhyming int) {
	counts := map[int]int{}
	for _, c := range ends {
		if !r.Known(c) {
			continue
		}
		known++
		for _, g := range r.of[c] {
			counts[g]++
			rhyming = max(rhyming, counts[g])
		}
	}
	if rhyming < 2 {
		rhyming = 0
	}
	return known, rhyming
}
