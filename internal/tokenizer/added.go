package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// A rule says where an added token is recognised in a text, and which surrounding blanks it
// includes.
type rule struct{ word, left, right bool }

// A trie finds token names in a text.
type trie struct {
	first [256]bool
	next  map[uint64]int32 // by node and byte
	ends  map[int32]int32  // the token that ends at a node
	rules map[int32]rule   // of tokens with rules
}

func newTrie() *trie {
	return &trie{next: map[uint64]int32{}, ends: map[int32]int32{}, rules: map[int32]rule{}}
}

// add adds a non-empty name.
func (t *trie) add(name string, id int32, r rule) {
	t.first[name[0]] = true
	node := int32(0)
	for i := range len(name) {
		edge := uint64(node)<<8 | uint64(name[i])
		next, ok := t.next[edge]
		if !ok {
			next = int32(len(t.next)) + 1
			t.next[edge] = next
		}
		node = next
	}
	t.ends[node] = id
	if r != (rule{}) {
		t.rules[id] = r
	}
}

// find returns the first token in the text, the longest at its position, and its extent. If there
// is none, it returns the end of the text and None.
func (t *trie) find(text []byte) (at, end int, id int32) {
	if len(t.next) == 0 {
		return len(text), len(text), None
	}
	for at = range text {
		if !t.first[text[at]] {
			continue
		}
		if n, id := t.longest(text[at:]); id != None {
			r := t.rules[id]
			if r.word && !alone(text, at, at+n) {
				continue
			}
			return r.widen(text, at, at+n, id)
		}
	}
	return len(text), len(text), None
}

// longest returns the longest token at the start of the text, and its length.
func (t *trie) longest(text []byte) (n int, id int32) {
	id = None
	node := int32(0)
	for i, b := range text {
		next, ok := t.next[uint64(node)<<8|uint64(b)]
		if !ok {
			break
		}
		node = next
		if found, ok := t.ends[node]; ok {
			n, id = i+1, found
		}
	}
	return n, id
}

// widen includes the blanks on the sides given by the rule.
func (r rule) widen(text []byte, at, end int, id int32) (int, int, int32) {
	for r.left && at > 0 {
		c, size := utf8.DecodeLastRune(text[:at])
		if !unicode.IsSpace(c) {
			break
		}
		at -= size
	}
	for r.right && end < len(text) {
		c, size := utf8.DecodeRune(text[end:])
		if !unicode.IsSpace(c) {
			break
		}
		end += size
	}
	return at, end, id
}

// alone reports whether a part of a text is not adjacent to a letter, digit or underscore.
func alone(text []byte, at, end int) bool {
	before, _ := utf8.DecodeLastRune(text[:at])
	after, _ := utf8.DecodeRune(text[end:])
	return !(at > 0 && wordly(before)) && !(end < len(text) && wordly(after))
}

func wordly(c rune) bool {
	return c == '_' || unicode.IsLetter(c) || unicode.IsNumber(c) || unicode.IsMark(c)
}
