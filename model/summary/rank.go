package summary

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"slices"
	"strings"
)

// A Ranking holds the settings of ranking; [Usual] is tuned on documents.
type Ranking struct {
	// Position is how much the place of a sentence counts: early ones, and those that begin a
	// section, say more (Edmundson 1969, doi:10.1145/321510.321519).
	Position float64
	// Title is the weight of words from the title.
	Title float64
	// Length is the number of words from which a sentence counts in full.
	Length float64
	// Variety is the penalty for repeating a selected sentence, 0 to 1: maximal marginal relevance
	// (Carbonell and Goldstein 1998, doi:10.1145/290941.291025).
	Variety float64
}

// Usual is the default ranking.
var Usual = Ranking{Position: 0.3, Title: 1, Length: 12, Variety: 0.7}

// The settings of centrality.
const (
	damping    = 0.85
	iterations = 50
	repeats    = 0.75 // similarity from which a sentence merely repeats another
	mostRanked = 1000 // sentences that are compared with each other: a long text is ranked in parts
	mostWords  = 50   // of a sentence that count in full: longer ones are usually lists and tables
)

// Ranked are the sentences of a text with their importance.
type Ranked struct {
	ranking   Ranking
	sentences []Sentence
	scores    []float64
	vectors   []vector
}

// Rank scores the importance of each sentence: its centrality among all (LexRank with continuous
// weights, Erkan and Radev 2004, arXiv:1109.2128), weighted by position, length and title.
func (r Ranking) Rank(ctx context.Context, title string, all []Sentence) (*Ranked, error) {
	vectors := vectorsOf(all)
	central, err := centrality(ctx, vectors)
	if err != nil {
		return nil, err
	}
	titleTerms := map[string]bool{}
	for _, t := range terms(title) {
		titleTerms[t] = true
	}
	scores := make([]float64, len(all))
	for i, s := range all {
		scores[i] = central[i] * r.place(i, all) * r.length(s) * (1 + r.Title*shareOf(vectors[i].terms, titleTerms))
	}
	return &Ranked{r, all, scores, vectors}, nil
}

// place is the weight of a sentence's position.
func (r Ranking) place(i int, all []Sentence) float64 {
	early := 1 / (1 + float64(i)/3)
	if i > 0 && all[i].Section != all[i-1].Section {
		early += 0.1 // the first of a section
	}
	return 1 + r.Position*early*4
}

// length is the weight of a sentence by its number of words: very short ones say little.
func (r Ranking) length(s Sentence) float64 {
	n := float64(Words(s.Text))
	weight := min(1, n/max(1, r.Length), mostWords/max(1, n))
	if s.Item {
		weight *= 0.7
	}
	if strings.HasPrefix(s.Text, "(") && strings.HasSuffix(s.Text, ")") || strings.HasPrefix(s.Text, "（") && strings.HasSuffix(s.Text, "）") {
		weight *= 0.3 // an aside, such as an editor's note
	}
	if strings.HasSuffix(s.Text, "?") || strings.HasSuffix(s.Text, ":") {
		weight *= 0.7
	}
	return weight
}

func shareOf(all []string, known map[string]bool) float64 {
	if len(all) == 0 {
		return 0
	}
	n := 0
	for _, t := range all {
		if known[t] {
			n++
		}
	}
	return float64(n) / float64(len(all))
}

// A vector is the unit-length TF-IDF vector of a sentence.
type vector struct {
	terms   []string
	ids     []int // sorted
	weights []float64
}

// vectorsOf weighs the terms of sentences by frequency and inverse document frequency.
func vectorsOf(all []Sentence) []vector {
	ids, in := map[string]int{}, []int{}
	vectors := make([]vector, len(all))
	counts := make([]map[int]int, len(all))
	for i, s := range all {
		vectors[i].terms = terms(s.Text)
		counts[i] = map[int]int{}
		for _, t := range vectors[i].terms {
			id, ok := ids[t]
			if !ok {
				id = len(in)
				ids[t] = id
				in = append(in, 0)
			}
			if counts[i][id]++; counts[i][id] == 1 {
				in[id]++
			}
		}
	}
	for i := range vectors {
		v := &vectors[i]
		sum := 0.0
		for id := range counts[i] {
			v.ids = append(v.ids, id)
		}
		slices.Sort(v.ids)
		for _, id := range v.ids {
			w := float64(counts[i][id]) * math.Log(1+float64(len(all))/float64(in[id]))
			v.weights = append(v.weights, w)
			sum += float64(w * w)
		}
		for j := range v.weights {
			v.weights[j] /= math.Sqrt(sum)
		}
	}
	return vectors
}

// cosine is the cosine similarity of two sentences, 0 to 1.
func cosine(a, b vector) (sum float64) {
	for i, j := 0, 0; i < len(a.ids) && j < len(b.ids); {
		switch d := cmp.Compare(a.ids[i], b.ids[j]); {
		case d < 0:
			i++
		case d > 0:
			j++
		default:
			sum += float64(a.weights[i] * b.weights[j])
			i, j = i+1, j+1
		}
	}
	return sum
}

// centrality is the stationary probability of each sentence in a random walk by similarity, times
// the number of sentences. A long text is ranked in parts.
func centrality(ctx context.Context, vectors []vector) (all []float64, err error) {
	parts := max(1, (len(vectors)+mostRanked-1)/mostRanked)
	for i := range parts {
		part, err := central(ctx, vectors[i*len(vectors)/parts:(i+1)*len(vectors)/parts])
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	return all, nil
}

// central is the centrality of sentences that are all compared with each other. Sums over all pairs
// of sentences are computed term by term, which is linear in the length of the text.
func central(ctx context.Context, vectors []vector) ([]float64, error) {
	width := 0
	for _, v := range vectors {
		if n := len(v.ids); n > 0 {
			width = max(width, v.ids[n-1]+1)
		}
	}
	sums := make([]float64, width) // of each term
	// linked is, for each sentence, the sum over the others of similarity times value.
	linked := func(values []float64) []float64 {
		clear(sums)
		for i, v := range vectors {
			for k, id := range v.ids {
				sums[id] += float64(v.weights[k] * values[i])
			}
		}
		out := make([]float64, len(vectors))
		for i, v := range vectors {
			for k, id := range v.ids {
				others := sums[id] - float64(v.weights[k]*values[i])
				out[i] += float64(v.weights[k] * max(0, others))
			}
		}
		return out
	}
	rank := slices.Repeat([]float64{1}, len(vectors))
	links, shares := linked(rank), make([]float64, len(vectors))
	for range iterations {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range rank {
			if shares[i] = 0; links[i] > 0 {
				shares[i] = rank[i] / links[i]
			}
		}
		for i, x := range linked(shares) {
			rank[i] = float64(1-damping) + float64(damping*x)
		}
	}
	return rank, nil
}

// Take selects sentences by score until fits returns false, each penalized by its similarity to
// those selected, and returns them in text order.
func (r *Ranked) Take(fits func(taken []Sentence, next Sentence) bool) []int {
	var taken []int
	var sentences []Sentence
	like := make([]float64, len(r.sentences))
	value := func(i int) float64 {
		if like[i] > repeats {
			return 0
		}
		return r.scores[i] * (1 - float64(r.ranking.Variety*like[i]))
	}
	left := &queue{}
	for i := range r.sentences {
		left.values = append(left.values, rated{i, value(i)})
	}
	heap.Init(left)
	for left.Len() > 0 && left.values[0].value > 0 {
		best := left.values[0].at
		if now := value(best); now < left.values[0].value { // the rating was outdated
			left.values[0].value = now
			heap.Fix(left, 0)
			continue
		}
		heap.Pop(left)
		if !fits(sentences, r.sentences[best]) {
			continue
		}
		taken, sentences = append(taken, best), append(sentences, r.sentences[best])
		for _, other := range left.values {
			like[other.at] = max(like[other.at], cosine(r.vectors[other.at], r.vectors[best]))
		}
	}
	slices.Sort(taken)
	return taken
}
