package tokenizer

import (
	"cmp"
	"container/heap"
	"iter"
	"unicode/utf8"

	"atelier/internal/badinput"
)

// EndOfText is the token that separates texts in tokenizers of [Train].
const EndOfText = "<|endoftext|>"

// leastCount is how often a pair must occur to be merged.
const leastCount = 2

// LeastSize is the smallest size of a tokenizer of [Train] without further special tokens: one
// token per byte, and [EndOfText].
const LeastSize = 257

// Train trains a tokenizer of at most size tokens on texts: byte-level byte-pair encoding, split as
// in GPT-2. Token 0 is [EndOfText], followed by the further special tokens, the bytes, and the
// merges. There are fewer tokens if no remaining pair occurs twice. The same texts give the same
// tokenizer.
//
// Merges respect character boundaries, so that tokens of Chinese and other scripts are whole
// characters wherever possible. Memory is bounded: rare words are dropped from the count if there
// are too many.
func Train(texts iter.Seq2[[]byte, error], size int, specials ...string) (*Tokenizer, error) {
	if least := LeastSize + len(specials); size < least || size > mostTokens {
		return nil, badinput.Errorf("the size of a tokenizer is %d to %d, not %d", least, mostTokens, size)
	}
	words, err := countWords(texts, gpt2)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, name := range append([]string{EndOfText}, specials...) {
		entries = append(entries, entry{name: name, bytes: name, kind: special})
	}
	r := trainer{first: int32(len(entries)), pairs: map[uint64]int32{}}
	for b := range 256 {
		r.tokens = append(r.tokens, string([]byte{byte(b)}))
	}
	r.count(words)
	r.run(size - len(entries))
	for _, bytes := range r.tokens {
		entries = append(entries, entry{name: spelt(bytes)})
	}
	t, err := newTokenizer(entries)
	if err != nil {
		return nil, err
	}
	for rank, pair := range r.merged {
		t.pairs.set(r.first+int32(pair>>32), r.first+int32(uint32(pair)), merge{int32(rank), r.first + 256 + int32(rank)})
	}
	t.bos, t.eos = 0, 0
	return t, t.ofBytes(gpt2)
}

// A trainer finds the merges. Its tokens are numbered from 0.
type trainer struct {
	first  int32
	tokens []string
	merged []uint64
	words  []trained
	pairs  map[uint64]int32 // index in stats
	stats  []stat
	queue  ranking
}

// A trained word is a word as tokens, and its count.
type trained struct {
	tokens []int32
	n      int64
}

// A stat is the count of a pair, and the words in which it may occur.
type stat struct {
	n     int64
	words []int32
}

// A pending is a pair with its count when it was queued.
type pending struct {
	n    int64
	pair uint64
}

// count starts from the bytes of the words.
func (r *trainer) count(words []counted) {
	for i, w := range words {
		tokens := make([]int32, len(w.word))
		for j := range tokens {
			tokens[j] = int32(w.word[j])
		}
		r.words = append(r.words, trained{tokens, w.n})
		for j := 1; j < len(tokens); j++ {
			r.note(tokens[j-1], tokens[j], int32(i), w.n)
		}
	}
	for pair, at := range r.pairs {
		if at >= 0 && r.stats[at].n >= leastCount {
			r.queue = append(r.queue, pending{r.stats[at].n, pair})
		}
	}
	heap.Init(&r.queue)
}

// note counts a pair in a word.
func (r *trainer) note(left, right, word int32, n int64) {
	pair := pairOf(left, right)
	at, ok := r.pairs[pair]
	if !ok {
		at = -1
		if sound(r.tokens[left] + r.tokens[right]) {
			at = int32(len(r.stats))
			r.stats = append(r.stats, stat{})
		}
		r.pairs[pair] = at
	}
	if at < 0 {
		return
	}
	s := &r.stats[at]
	s.n += n
	if n > 0 && (len(s.words) == 0 || s.words[len(s.words)-1] != word) {
		s.words = append(s.words, word)
	}
}

// sound reports whether bytes are whole characters, or part of a single one.
func sound(text string) bool {
	if utf8.ValidString(text) {
		return true
	}
	if len(text) >= utf8.UTFMax {
		return false
	}
	for i := 1; i < len(text); i++ {
		if utf8.RuneStart(text[i]) {
			return false
		}
	}
	// The first byte must be able to precede the rest.
	return !utf8.RuneStart(text[0]) || !utf8.FullRuneInString(text)
}

// run merges until the number of tokens is reached.
func (r *trainer) run(size int) {
	changed := map[uint64]bool{}
	for len(r.tokens) < size && len(r.queue) > 0 {
		top := heap.Pop(&r.queue).(pending)
		s := &r.stats[r.pairs[top.pair]]
		if s.n != top.n {
			if s.n >= leastCount {
				heap.Push(&r.queue, pending{s.n, top.pair})
			}
			continue
		}
		left, right := int32(top.pair>>32), int32(uint32(top.pair))
		id := int32(len(r.tokens))
		r.tokens = append(r.tokens, r.tokens[left]+r.tokens[right])
		r.merged = append(r.merged, top.pair)
		words := s.words
		s.words = nil
		for _, w := range words {
			r.replace(w, left, right, id, changed)
		}
		r.stats[r.pairs[top.pair]].n = 0
		for pair := range changed {
			if at := r.pairs[pair]; at >= 0 && r.stats[at].n >= leastCount {
				heap.Push(&r.queue, pending{r.stats[at].n, pair})
			}
		}
		clear(changed)
	}
}

// replace merges a pair in a word, and records the new pairs.
func (r *trainer) replace(word, left, right, id int32, changed map[uint64]bool) {
	w := &r.words[word]
	old, kept := w.tokens, w.tokens[:0]
	for i := 0; i < len(old); i++ {
		if i+1 == len(old) || old[i] != left || old[i+1] != right {
			kept = append(kept, old[i])
			continue
		}
		if len(kept) > 0 {
			before := kept[len(kept)-1]
			r.note(before, left, word, -w.n)
			r.note(before, id, word, w.n)
			changed[pairOf(before, id)] = true
		}
		if i+2 < len(old) {
			r.note(right, old[i+2], word, -w.n)
			r.note(id, old[i+2], word, w.n)
			changed[pairOf(id, old[i+2])] = true
		}
		kept = append(kept, id)
		i++
	}
	w.tokens = kept
}

// A ranking is a heap of pairs, the most frequent first, then those of lower tokens.
type ranking []pending

func (r ranking) Len() int      { return len(r) }
func (r ranking) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r ranking) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(r[j].n, r[i].n), cmp.Compare(r[i].pair, r[j].pair)) < 0
}
func (r *ranking) Push(p any) { *r = append(*r, p.(pending)) }
func (r *ranking) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}
