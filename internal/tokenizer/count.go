package tokenizer

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// Limits of the word counts, which bound the memory of training on any corpus.
const (
	mostWords    = 1 << 20
	mostLetters  = 1 << 24 // bytes of all words
	trainedWords = 256     // bytes; a longer word is split
)

// counts are the word counts of a corpus.
type counts struct {
	of      map[string]int64
	letters int
	words   int // limit on the number of words
	bytes   int // limit on their total length
}

// A counted is a word and its count.
type counted struct {
	word string
	n    int64
}

// countWords counts the words of texts as split by a pattern. If there are too many, rare ones are
// dropped.
func countWords(texts iter.Seq2[[]byte, error], p *pattern) ([]counted, error) {
	c := counts{of: map[string]int64{}, words: mostWords, bytes: mostLetters}
	for text, err := range texts {
		if err != nil {
			return nil, err
		}
		p.words(text, trainedWords, c.add)
	}
	return c.sorted(), nil
}

func (c *counts) add(word []byte) {
	if _, ok := c.of[string(word)]; !ok {
		if len(c.of) >= c.words || c.letters+len(word) > c.bytes {
			c.drop()
		}
		c.letters += len(word)
	}
	c.of[string(word)]++
}

// drop keeps the more frequent half of the words; among equally frequent ones it keeps a part that
// depends only on their letters, not on order or length.
func (c *counts) drop() {
	all := c.sorted()
	slices.SortStableFunc(all, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(scatter(a.word), scatter(b.word)))
	})
	clear(c.of)
	c.letters = 0
	for _, w := range all[:len(all)/2] {
		if c.letters+len(w.word) > c.bytes/2 {
			break
		}
		c.of[w.word] = w.n
		c.letters += len(w.word)
	}
}

// scatter is a hash of the letters of a word (FNV-1a).
func scatter(word string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(word) {
		h = (h ^ uint64(word[i])) * 1099511628211
	}
	return h ^ h>>29
}

// sorted returns the words in byte order.
func (c *counts) sorted() []counted {
	all := make([]counted, 0, len(c.of))
	for w, n := range c.of {
		all = append(all, counted{w, n})
	}
	slices.SortFunc(all, func(a, b counted) int { return strings.Compare(a.word, b.word) })
	return all
}
