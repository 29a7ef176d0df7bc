package tokenizer

import (
	"bytes"
	"unicode/utf8"
)

// mark is the character that SentencePiece writes for a space.
const mark = "▁"

// pieces are character-level tokens, as in SentencePiece (Kudo and Richardson 2018,
// arXiv:1808.06226). A space is part of a word.
type pieces struct {
	ascii  [utf8.RuneSelf]int32
	runes  map[rune]int32
	space  rune // how a space is written in the vocabulary
	fuse   bool // consecutive unknown characters are one token
	split  bool // a word begins at every space
	joined map[uint64]bool
	narrow [utf8.RuneSelf][utf8.RuneSelf]bool // the ASCII part of joined
}

// newPieces returns the pieces for ordinary tokens.
func newPieces(entries []entry, space rune) *pieces {
	p := &pieces{runes: map[rune]int32{}, joined: map[uint64]bool{}, space: space}
	for i := range p.ascii {
		p.ascii[i] = None
	}
	for id, e := range entries {
		if e.kind != ordinary || !utf8.ValidString(e.name) {
			continue
		}
		before, n := rune(-1), 0
		for _, r := range e.name {
			if r = p.plain(r); n > 0 {
				p.join(before, r)
			}
			before, n = r, n+1
		}
		if n == 1 && (e.name != " " || space == ' ') {
			p.runes[before] = int32(id)
			if before < utf8.RuneSelf {
				p.ascii[before] = int32(id)
			}
		}
	}
	return p
}

// plain replaces the written form of a space by a space.
func (p *pieces) plain(r rune) rune {
	if r == p.space {
		return ' '
	}
	return r
}

// join records that two characters are adjacent in some token.
func (p *pieces) join(a, b rune) {
	if a < utf8.RuneSelf && b < utf8.RuneSelf {
		p.narrow[a][b] = true
		return
	}
	p.joined[uint64(a)<<32|uint64(b)] = true
}

func (p *pieces) joins(a, b rune) bool {
	if a < 0 || b < 0 {
		return false
	}
	if a < utf8.RuneSelf && b < utf8.RuneSelf {
		return p.narrow[a][b]
	}
	return p.joined[uint64(a)<<32|uint64(b)]
}

// rune returns the first character of a text and its length; -1 for an invalid byte.
func (p *pieces) rune(text []byte) (rune, int) {
	if b := text[0]; b < utf8.RuneSelf {
		return rune(b), 1
	}
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError && size == 1 {
		return -1, 1
	}
	return p.plain(r), size
}

// words splits a text into parts that are merged separately: between characters that are adjacent
// in no token, so that no merge crosses the border.
func (p *pieces) words(text []byte, limit int, yield func([]byte)) {
	begin, before := 0, rune(-1)
	for at := 0; at < len(text); {
		r, size := p.rune(text[at:])
		if at > begin && (!p.joins(before, r) || p.split && r == ' ') {
			cut(text[begin:at], limit, yield)
			begin = at
		}
		before, at = r, at+size
	}
	if begin < len(text) {
		cut(text[begin:], limit, yield)
	}
}

// symbols appends the tokens of the characters of a word; for one without a token, those of its
// bytes.
func (p *pieces) symbols(t *Tokenizer, ids []int32, word []byte) []int32 {
	for len(word) > 0 {
		r, size := p.rune(word)
		id := None
		if r >= 0 && r < utf8.RuneSelf {
			id = p.ascii[r]
		} else if found, ok := p.runes[r]; ok {
			id = found
		}
		if id == None {
			ids = t.appendBytes(ids, word[:size])
		} else {
			ids = append(ids, id)
		}
		word = word[size:]
	}
	return ids
}

// appendBytes appends the tokens of a character's bytes, or the unknown token if they have none.
func (t *Tokenizer) appendBytes(ids []int32, character []byte) []int32 {
	for _, b := range character {
		if t.bytes[b] == None {
			if t.unknown == None {
				return ids
			}
			return append(ids, t.unknown)
		}
	}
	for _, b := range character {
		ids = append(ids, t.bytes[b])
	}
	return ids
}

// A prefix describes the space added before a text.
type prefix struct {
	first, every bool // before the text; before every part of it
	unless       bool // unless there is one
	marks        bool // a mark counts as a space
	drop         bool // decoding removes one
}

func (p prefix) applies(text []byte, begin bool) bool {
	if !(p.every || p.first && begin) {
		return false
	}
	return !p.unless || text[0] != ' ' && !(p.marks && bytes.HasPrefix(text, []byte(mark)))
}
