package grammar

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// A Vocabulary is a model's vocabulary, prepared for constraints, which may share it.
type Vocabulary struct {
	texts   []string        // of each token
	all     sorted          // those with text
	quoted  sorted          // of these, those with a quote
	inside  insides         // in a string
	escaped insides         // in a string, after a backslash
	spelled map[string]bool // texts of at most four bytes
	hex     bool            // there is a token for each hexadecimal digit
}

// sorted are tokens sorted by text.
type sorted struct {
	tokens []int32
	shared []int32 // length of the common prefix with the previous one
}

// insides are the tokens that may follow in a string without ending it.
type insides struct {
	mask       []uint64 // one bit each
	tokens     []int32  // the same, in order
	bytes      []int32  // of each
	characters []int32  // that each adds
	lacking    []uint8  // bytes missing from the last character of each
	longest    int      // length of the longest in bytes
	most       int      // largest number of characters
	short      bool     // whether one is a single byte, and a character
}

// NewVocabulary prepares a vocabulary of n tokens; text returns the bytes of a token. Tokens with
// incomplete characters are used only if there is a token for each byte that may be missing.
func NewVocabulary(text func(token int32) string, n int) *Vocabulary {
	v := &Vocabulary{texts: make([]string, n), spelled: map[string]bool{}}
	for i := range v.texts {
		v.texts[i] = text(int32(i))
		if len(v.texts[i]) <= utf8.UTFMax {
			v.spelled[v.texts[i]] = true
		}
	}
	bytes := true
	for b := 0x80; b < 0xc0; b++ {
		bytes = bytes && v.spelled[string([]byte{byte(b)})]
	}
	v.hex = v.has("0123456789abcdef")
	var all, quoted []int32
	for i, s := range v.texts {
		if s == "" || !bytes && !utf8.ValidString(s) {
			continue
		}
		all = append(all, int32(i))
		if strings.Contains(s, `"`) {
			quoted = append(quoted, int32(i))
		}
	}
	v.all, v.quoted = v.sort(all), v.sort(quoted)
	v.inside, v.escaped = v.insides(atText), v.insides(atEscape)
	return v
}

func (v *Vocabulary) sort(tokens []int32) sorted {
	slices.SortFunc(tokens, func(a, b int32) int { return cmp.Or(strings.Compare(v.texts[a], v.texts[b]), cmp.Compare(a, b)) })
	s := sorted{tokens, make([]int32, len(tokens))}
	for i := 1; i < len(tokens); i++ {
		a, b := v.texts[tokens[i-1]], v.texts[tokens[i]]
		n := int32(0)
		for int(n) < min(len(a), len(b)) && a[n] == b[n] {
			n++
		}
		s.shared[i] = n
	}
	return s
}

// insides are the tokens that may follow in a string, in a given state, without ending it: those
// allowed in a string that cannot end.
func (v *Vocabulary) insides(at state) insides {
	endless := &node{kind: texts, least: mostLength, most: mostLength}
	c := &Constraint{vocabulary: v, machine: machine{hex: v.hex, limit: impossible, frames: map[place]*frame{}}}
	in := insides{mask: make([]uint64, (len(v.texts)+63)/64)}
	ends := make([]config, len(v.texts))
	c.walk(&v.all, []config{{state: at, node: endless}}, func(token int32, to []config) { ends[token] = to[0] })
	for token, end := range ends {
		if end.node == nil {
			continue
		}
		size, lacking := len(v.texts[token]), end.need()-end.missing()-1
		in.mask[token/64] |= 1 << (token % 64)
		in.tokens, in.bytes = append(in.tokens, int32(token)), append(in.bytes, int32(size))
		in.characters, in.lacking = append(in.characters, end.count), append(in.lacking, uint8(lacking))
		in.longest, in.most = max(in.longest, size), max(in.most, int(end.count))
		in.short = in.short || size == 1 && lacking == 0
	}
	return in
}

// has reports whether each character of a text is a token, or all its bytes are.
func (v *Vocabulary) has(text string) bool {
	for _, r := range text {
		if !v.spellsRune(r) {
			return false
		}
	}
	return true
}

func (v *Vocabulary) spellsRune(r rune) bool {
	s := string(r)
	if v.spelled[s] {
		return true
	}
	for i := range len(s) {
		if !v.spelled[s[i:i+1]] {
			return false
		}
	}
	return true
}

// spells rejects a schema whose values need characters that the vocabulary lacks.
func (v *Vocabulary) spells(root *node) error {
	needed := map[rune]bool{}
	seen, padded := map[*node]bool{}, false // a string has a minimum length
	var visit func(n *node)
	visit = func(n *node) {
		if seen[n] {
			return
		}
		seen[n], padded = true, padded || n.kind == texts && n.least > 0
		for _, r := range n.characters() {
			needed[r] = true
		}
		for _, p := range n.properties {
			for _, r := range p.key {
				needed[r] = true
			}
			visit(p.value)
		}
		if n.items != nil {
			visit(n.items)
		}
		for _, a := range n.either {
			visit(a)
		}
	}
	visit(root)
	for _, r := range slices.Sorted(maps.Keys(needed)) {
		if !v.spellsRune(r) {
			return badinput.Errorf("the vocabulary has no token for %q, which JSON that fits the schema needs", r)
		}
	}
	if padded && !v.inside.short {
		return badinput.Errorf("the vocabulary has no token of one byte for the strings that the JSON schema gives a least length")
	}
	return nil
}
