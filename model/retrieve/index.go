// Package retrieve finds the passages of texts that answer a question: by BM25 over stems of
// English and pairs of Chinese characters, without training. It also tells how much of a
// question a passage covers, by which a program can say that it does not know.
package retrieve

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// The constants of BM25, as usual (Robertson and Zaragoza 2009, doi:10.1561/1500000019).
const (
	saturation = 1.2  // k1: how soon more of the same term counts no more
	lengths    = 0.75 // b: how much long passages are held back
)

// An Index finds texts by their terms. It never changes and is safe for use by several
// goroutines.
type Index struct {
	postings map[string][]posting
	lengths  []float64 // in terms
	mean     float64
	terms    func(string) []string
}

// A posting says how often a term occurs in a text.
type posting struct{ text, times int }

// A Hit is a text that was found.
type Hit struct {
	Text  int     // its position among those of the index
	Score float64 // of BM25
	// Share is how much of what the question says is in the text, 0 to 1: each different term
	// counts by its inverse document frequency, and one that no text has as the rarest.
	Share float64
	// Words is how many different words of the question are in the text, or pairs of neighbouring
	// Chinese characters: lone ones do not count.
	Words int
}

// NewIndex returns an index of texts.
func NewIndex(texts []string) *Index { return newIndex(texts, Terms) }

func newIndex(texts []string, termsOf func(string) []string) *Index {
	x := &Index{postings: map[string][]posting{}, lengths: make([]float64, len(texts)), terms: termsOf}
	for i, text := range texts {
		terms := termsOf(text)
		x.lengths[i] = float64(len(terms))
		x.mean += float64(len(terms))
		for _, t := range terms {
			all := x.postings[t]
			if n := len(all); n > 0 && all[n-1].text == i {
				all[n-1].times++
				continue
			}
			x.postings[t] = append(all, posting{i, 1})
		}
	}
	x.mean = max(1, x.mean/float64(max(1, len(texts))))
	return x
}

// Weight is the inverse document frequency of a term, above 0: of one that is in no text, as
// of the rarest.
func (x *Index) Weight(term string) float64 {
	n, all := float64(max(1, len(x.postings[term]))), float64(len(x.lengths))
	return math.Log(1 + (max(0, all-n)+0.5)/(n+0.5))
}

// Search returns at most n texts that have a term of the question, the best first and of
// equal ones the first.
func (x *Index) Search(question string, n int) []Hit {
	var hits []Hit
	at := map[int]int{}
	total := 0.0
	for _, term := range distinct(x.terms(question)) {
		weight := x.Weight(term)
		total += weight
		words := 1
		if isHan(term) && utf8.RuneCountInString(term) == 1 {
			words = 0
		}
		for _, p := range x.postings[term] {
			i, ok := at[p.text]
			if !ok {
				i = len(hits)
				at[p.text] = i
				hits = append(hits, Hit{Text: p.text})
			}
			often := float64(p.times)
			long := 1 - lengths + float64(lengths*x.lengths[p.text])/x.mean
			hits[i].Score += float64(weight*often*(saturation+1)) / (often + float64(saturation*long))
			hits[i].Share += weight
			hits[i].Words += words
		}
	}
	for i := range hits {
		hits[i].Share /= total
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Text, b.Text))
	})
	return hits[:min(n, len(hits))]
}

// distinct are the different terms in order.
func distinct(terms []string) []string {
	slices.Sort(terms)
	return slices.Compact(terms)
}
