package clean

import (
	"math/bits"
	"strings"

	"atelier/data"
)

func init() {
	data.Cleaners.Add("repetition", "the repetition rules of Gopher's MassiveText: shares of duplicate lines, paragraphs and n-grams (Rae et al. 2021, arXiv:2112.11446, table A1)",
		func() data.Cleaner {
			return &Repetition{Fewest: 50, Lines: 0.3, Paragraphs: 0.3, LineText: 0.2, ParagraphText: 0.2, Top: 0.2, Runs: 0.15}
		})
}

// Repetition drops texts that repeat themselves.
type Repetition struct {
	Fewest        int     `help:"texts shorter than this many words are kept, so that refrains of short poems stay"`
	Lines         float64 `help:"largest share of lines that are duplicates"`
	Paragraphs    float64 `help:"largest share of paragraphs that are duplicates"`
	LineText      float64 `help:"largest share of characters in duplicate lines"`
	ParagraphText float64 `help:"largest share of characters in duplicate paragraphs"`
	Top           float64 `help:"largest share of characters in the most frequent 2-gram; 0.02 less for 3-grams, 0.04 for 4-grams"`
	Runs          float64 `help:"largest share of characters in duplicate 5-grams; 0.01 less for each longer n-gram, up to 10"`
}

// Check refuses settings outside their range.
func (c *Repetition) Check() error {
	return checkShares(share{"lines", c.Lines}, share{"paragraphs", c.Paragraphs}, share{"linetext", c.LineText},
		share{"paragraphtext", c.ParagraphText}, share{"top", c.Top}, share{"runs", c.Runs})
}

// Clean implements [data.Cleaner].
func (c *Repetition) Clean(p *data.Piece) error {
	t, ok := textOf(p)
	if !ok {
		return nil
	}
	words, _ := wordsOf(t.body)
	if len(words) == 0 || len(words) < c.Fewest {
		return nil
	}
	for _, part := range []struct {
		name, separator string
		count, text     float64
	}{{"lines", "\n", c.Lines, c.LineText}, {"paragraphs", "\n\n", c.Paragraphs, c.ParagraphText}} {
		all, again, size := repeatedParts(t.body, part.separator)
		if exceeds(again, all, part.count) || exceeds(size, len(t.body), part.text) {
			return data.Dropf("repeated "+part.name, "%d of %d", again, all)
		}
	}
	return c.weighRuns(words)
}

// repeatedParts counts the parts of a text, and those that occurred before, with their bytes.
func repeatedParts(s, separator string) (all, again, size int) {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, separator) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		all++
		if seen[part] {
			again++
			size += len(part)
		}
		seen[part] = true
	}
	return all, again, size
}

const longestRun = 10 // words

func (c *Repetition) weighRuns(words []word) error {
	total := 0
	for _, w := range words {
		total += w.runes
	}
	counts := newTally(len(words))
	for n := 2; n <= longestRun && n <= len(words); n++ {
		if n < 5 {
			if top := topRun(words, n, counts); top*1000 > (permille(c.Top)-20*(n-2))*total {
				return data.Dropf("repeated words", "one run of %d words is %d %% of the text", n, top*100/total)
			}
			continue
		}
		if again := repeatedRuns(words, n, counts); again*1000 > (permille(c.Runs)-10*(n-5))*total {
			return data.Dropf("repeated words", "runs of %d words that stand more than once are %d %% of the text", n, again*100/total)
		}
	}
	return nil
}

// topRun is the number of characters in all occurrences of the most frequent run of n words.
func topRun(words []word, n int, counts *tallies) int {
	counts.clear()
	top, size := 0, 0
	for i := range words {
		size += words[i].runes
		if i >= n {
			size -= words[i-n].runes
		}
		if i >= n-1 {
			if count := counts.add(runHash(words[i-n+1 : i+1])); count > 1 {
				top = max(top, count*size)
			}
		}
	}
	return top
}

// repeatedRuns is the number of characters in runs of n words that occurred before.
func repeatedRuns(words []word, n int, counts *tallies) int {
	counts.clear()
	again, counted := 0, 0
	for i := n; i <= len(words); i++ {
		if counts.add(runHash(words[i-n:i])) == 1 {
			continue
		}
		for _, w := range words[max(counted, i-n):i] {
			again += w.runes
		}
		counted = i
	}
	return again
}

func runHash(words []word) uint64 {
	h := uint64(0)
	for _, w := range words {
		h = h*base + w.hash
	}
	return h
}

// tallies counts hashes, in a table with open addressing.
type tallies struct {
	hashes []uint64
	counts []int32
	shift  int
}

func newTally(n int) *tallies {
	size := 1 << bits.Len(uint(2*n))
	return &tallies{make([]uint64, size), make([]int32, size), 64 - bits.Len(uint(size-1))}
}

func (t *tallies) clear() { clear(t.counts) }

// add counts a hash and returns its count.
func (t *tallies) add(hash uint64) int {
	i := mix(hash) >> t.shift
	for t.counts[i] > 0 && t.hashes[i] != hash {
		i = (i + 1) & uint64(len(t.hashes)-1)
	}
	t.hashes[i] = hash
	t.counts[i]++
	return int(t.counts[i])
}
