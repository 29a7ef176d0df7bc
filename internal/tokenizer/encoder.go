package tokenizer

import (
	"bytes"
	"math"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// Limits of an encoder's cache of words.
const (
	cachedWords  = 1 << 16
	cachedTokens = 1 << 19
	cachedLength = 128 // bytes of a word
)

// fewSymbols is the number of symbols up to which the best pair is searched for linearly.
const fewSymbols = 48

// An encoder encodes one text at a time. Its cache does not affect results.
type encoder struct {
	out    []int32
	words  map[string]span // in tokens
	tokens []int32

	symbols []int32
	found   []merge
	links   []link
	queue   queue
}

// A span is a part of a list.
type span struct{ at, end int32 }

func newEncoders() *sync.Pool {
	return &sync.Pool{New: func() any { return &encoder{words: map[string]span{}} }}
}

// segment appends the tokens of text between added tokens.
func (e *encoder) segment(t *Tokenizer, text []byte, begin bool) {
	if len(text) == 0 {
		return
	}
	if t.nfc {
		text = composed(text)
	}
	if t.prefix.applies(text, begin) {
		text = append([]byte{' '}, text...)
	}
	if t.pieces != nil {
		from := len(e.out)
		t.pieces.words(text, longestWord, func(word []byte) { e.word(t, word) })
		if t.pieces.fuse {
			e.out = append(e.out[:from], fuse(e.out[from:], t.unknown)...)
		}
		return
	}
	t.split.words(text, longestWord, func(word []byte) { e.word(t, word) })
}

// composed normalizes a text to NFC. Characters with so many marks that the library would insert a
// joiner, which is not part of NFC, are unchanged.
func composed(text []byte) []byte {
	if norm.NFC.IsNormal(text) {
		return text
	}
	out := norm.NFC.Bytes(text)
	if bytes.Count(out, joiner) == bytes.Count(text, joiner) {
		return out
	}
	out = out[:0]
	for len(text) > 0 {
		n := norm.NFC.NextBoundary(text, true)
		part := norm.NFC.Bytes(text[:n])
		if bytes.Contains(part, joiner) {
			part = text[:n]
		}
		out = append(out, part...)
		text = text[n:]
	}
	return out
}

// joiner is U+034F, combining grapheme joiner.
var joiner = []byte("\u034f")

// fuse merges consecutive unknown tokens.
func fuse(tokens []int32, unknown int32) []int32 {
	kept := tokens[:0]
	for _, id := range tokens {
		if id != unknown || len(kept) == 0 || kept[len(kept)-1] != unknown {
			kept = append(kept, id)
		}
	}
	return kept
}

// word appends the tokens of a word.
func (e *encoder) word(t *Tokenizer, word []byte) {
	if len(word) > cachedLength {
		e.out = append(e.out, e.merged(t, word)...)
		return
	}
	if s, ok := e.words[string(word)]; ok {
		e.out = append(e.out, e.tokens[s.at:s.end]...)
		return
	}
	if len(e.words) >= cachedWords || len(e.tokens) >= cachedTokens {
		clear(e.words)
		e.tokens = e.tokens[:0]
	}
	s := span{at: int32(len(e.tokens))}
	e.tokens = append(e.tokens, e.merged(t, word)...)
	s.end = int32(len(e.tokens))
	e.words[string(word)] = s
	e.out = append(e.out, e.tokens[s.at:s.end]...)
}

// merged returns the tokens of a word, valid until the next call.
func (e *encoder) merged(t *Tokenizer, word []byte) []int32 {
	if id, ok := t.whole[string(word)]; ok {
		e.symbols = append(e.symbols[:0], id)
		return e.symbols
	}
	if t.pieces != nil {
		e.symbols = t.pieces.symbols(t, e.symbols[:0], word)
	} else {
		e.symbols = e.symbols[:0]
		for _, b := range word {
			e.symbols = append(e.symbols, t.bytes[b])
		}
	}
	if len(e.symbols) <= fewSymbols {
		return e.mergeFew(&t.pairs)
	}
	return e.mergeMany(&t.pairs)
}

// mergeFew merges the best pair, of equal ones the first, as long as there is one.
func (e *encoder) mergeFew(pairs *pairs) []int32 {
	ids := e.symbols
	found := e.found[:0]
	for i := 1; i < len(ids); i++ {
		found = append(found, pairs.of(ids[i-1], ids[i]))
	}
	e.found = found
	for {
		at, best := -1, int32(math.MaxInt32)
		for i := range found {
			if found[i].rank < best {
				at, best = i, found[i].rank
			}
		}
		if at < 0 {
			return ids
		}
		ids[at] = found[at].id
		ids = append(ids[:at+1], ids[at+2:]...)
		found = append(found[:at], found[at+1:]...)
		if at > 0 {
			found[at-1] = pairs.of(ids[at-1], ids[at])
		}
		if at < len(found) {
			found[at] = pairs.of(ids[at], ids[at+1])
		}
	}
}

// A link holds the neighbours of a symbol in a long word; -1 for none.
type link struct{ before, after int32 }

// mergeMany is mergeFew in O(n log n).
func (e *encoder) mergeMany(pairs *pairs) []int32 {
	ids, n := e.symbols, len(e.symbols)
	e.links, e.queue = e.links[:0], e.queue[:0]
	for i := range n {
		e.links = append(e.links, link{int32(i - 1), int32(i + 1)})
		if i+1 < n {
			if m := pairs.of(ids[i], ids[i+1]); m.rank != none {
				e.queue = append(e.queue, place(m.rank, int32(i)))
			}
		}
	}
	e.links[n-1].after = -1
	e.queue.order()
	for len(e.queue) > 0 {
		rank, at := e.queue.pop()
		after := e.links[at].after
		if ids[at] < 0 || after < 0 {
			continue
		}
		m := pairs.of(ids[at], ids[after])
		if m.rank != rank {
			continue // one of the pair was already merged with another
		}
		next := e.links[after].after
		ids[at], ids[after] = m.id, -1
		e.links[at].after = next
		if next >= 0 {
			e.links[next].before = at
			if m := pairs.of(ids[at], ids[next]); m.rank != none {
				e.queue.push(place(m.rank, at))
			}
		}
		if before := e.links[at].before; before >= 0 {
			if m := pairs.of(ids[before], ids[at]); m.rank != none {
				e.queue.push(place(m.rank, before))
			}
		}
	}
	kept := ids[:0]
	for _, id := range ids {
		if id >= 0 {
			kept = append(kept, id)
		}
	}
	e.release()
	return kept
}

// release frees memory needed only for a very long word.
func (e *encoder) release() {
	if cap(e.links) > 1<<16 {
		e.links, e.queue, e.symbols = nil, nil, nil
	}
}
