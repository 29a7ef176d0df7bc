package tokenizer

import (
	"errors"
	"math"
	"slices"
	"strings"

	"atelier/internal/badinput"
)

// newTokenizer returns a tokenizer of these tokens, without merges.
func newTokenizer(entries []entry) (*Tokenizer, error) {
	if len(entries) == 0 {
		return nil, badinput.Errorf("the vocabulary has no tokens")
	}
	t := &Tokenizer{entries: entries, ids: make(map[string]int32, len(entries)), unknown: None, bos: None, eos: None,
		texts: newTrie(), controls: newTrie(), encoders: newEncoders()}
	for i := range t.bytes {
		t.bytes[i] = None
	}
	for id, e := range entries {
		if e.kind == gap {
			continue
		}
		if _, ok := t.ids[e.name]; !ok {
			t.ids[e.name] = int32(id)
		}
		if e.kind != added && e.kind != markup && e.kind != special || e.name == "" {
			continue
		}
		if len(e.name) > longestName {
			return nil, badinput.Errorf("the added token %q has %d bytes; want at most %d", sayable(e.name), len(e.name), longestName)
		}
		t.controls.add(e.name, int32(id), e.rule)
		if e.kind == added {
			t.texts.add(e.name, int32(id), e.rule)
		}
	}
	return t, nil
}

// kindOf returns the kind of an added token.
func kindOf(name string, isSpecial bool) kind {
	switch {
	case isSpecial:
		return special
	case strings.HasPrefix(name, "<") && strings.HasSuffix(name, ">"):
		return markup
	}
	return added
}

// ofBytes makes it a byte-level tokenizer, with a pattern that splits text first.
func (t *Tokenizer) ofBytes(split *pattern) error {
	t.split = split
	for id := range t.entries {
		e := &t.entries[id]
		if e.kind == ordinary {
			if e.bytes = meant(e.name); len(e.bytes) == 1 {
				t.bytes[e.bytes[0]] = int32(id)
			}
		}
	}
	for b := range t.bytes {
		if t.bytes[b] == None {
			t.bytes[b] = t.unknown
		}
		if t.bytes[b] == None {
			return badinput.Errorf("the vocabulary has no token for byte 0x%02X (%q), nor for unknown ones", b, string(alphabet[b]))
		}
	}
	return nil
}

// ofPieces makes it a character-level tokenizer. space is how a space is written in the vocabulary.
func (t *Tokenizer) ofPieces(space rune) error {
	lacks := false
	for id := range t.entries {
		e := &t.entries[id]
		if b, ok := byteOf(e.name); e.kind == fallback && ok {
			e.bytes = string([]byte{b})
			t.bytes[b] = int32(id)
		} else if e.kind == ordinary {
			e.bytes = strings.ReplaceAll(e.name, string(space), " ")
		}
	}
	t.pieces = newPieces(t.entries, space)
	for _, id := range t.bytes {
		lacks = lacks || id == None
	}
	if lacks && t.unknown == None {
		return badinput.Errorf("the vocabulary has neither a token for each byte, <0x00> to <0xFF>, nor one for unknown characters")
	}
	return nil
}

// merge adds the merge of two tokens by their names.
func (t *Tokenizer) merge(left, right string, rank int) error {
	if left == "" || right == "" {
		return errors.New("one part is empty")
	}
	var ids [3]int32
	for i, name := range [3]string{left, right, left + right} {
		id, ok := t.ids[name]
		if !ok {
			return badinput.Errorf("%q is not in the vocabulary", sayable(name))
		}
		if t.entries[id].kind == special {
			return badinput.Errorf("%q is a special token, which text must not become", sayable(name))
		}
		ids[i] = id
	}
	t.pairs.set(ids[0], ids[1], merge{int32(rank), ids[2]})
	return nil
}

// mergeByScore adds a merge for every way to put a token together from two others; tokens of
// higher score are merged first.
func (t *Tokenizer) mergeByScore(scores []float32) error {
	if len(scores) != len(t.entries) {
		return badinput.Errorf("there are %d tokens and %d scores; want as many", len(t.entries), len(scores))
	}
	var falling []float32
	for id, s := range scores {
		if math.IsNaN(float64(s)) {
			return badinput.Errorf("the score of token %d is not a number", id)
		}
		falling = append(falling, -s)
	}
	slices.Sort(falling)
	falling = slices.Compact(falling)
	for id, e := range t.entries {
		if e.kind != ordinary {
			continue
		}
		if len(e.name) > longestName {
			return badinput.Errorf("token %d, %q, has %d bytes; want at most %d", id, sayable(e.name), len(e.name), longestName)
		}
		rank, _ := slices.BinarySearch(falling, -scores[id])
		for at := range e.name {
			left, ok := t.ids[e.name[:at]]
			right, ok2 := t.ids[e.name[at:]]
			if at > 0 && ok && ok2 && t.entries[left].kind == ordinary && t.entries[right].kind == ordinary {
				t.pairs.set(left, right, merge{int32(rank), t.ids[e.name]})
			}
		}
	}
	return nil
}
