package metric

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

func init() {
	Metrics.Add("bleu", "BLEU-2 to BLEU-5 of up to 200 samples against as many held-out texts: how many of their n-grams of words occur in real texts (Papineni et al. 2002, doi:10.3115/1073083.1073135; zero counts smoothed exponentially as in sacreBLEU, Post 2018, arXiv:1804.08771)",
		func() Metric { return bleu{} })
	Metrics.Add("self_bleu", "mean BLEU-2 to BLEU-5 of each of up to 200 samples against the others: high if they resemble one another (Zhu et al. 2018, arXiv:1802.01886)",
		func() Metric { return selfBleu{} })
}

// The n-gram orders measured.
const (
	leastOrder = 2
	mostOrder  = mostGrams
)

// bleu has no settings.
type bleu struct{}

// SelectionScores implements [Selector].
func (bleu) SelectionScores() []string { return bleuNames("bleu%d") }

func bleuNames(format string) (names []string) {
	for n := leastOrder; n <= mostOrder; n++ {
		names = append(names, fmt.Sprintf(format, n))
	}
	return names
}

func (bleu) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.needTexts(); err != nil {
		return nil, err
	}
	var scores []Score
	for _, name := range bleuNames("bleu%d") {
		scores = append(scores, Score{Name: name, Better: Higher, Note: "corpus BLEU of words, 0 to 1; copies of held-out texts would have 1"})
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		w, err := e.written(ctx, draw)
		if err != nil {
			return s, err
		}
		number := numbering{}
		refs := newReferences(number, wordsOf(w.test))
		s.fakes = len(w.fakes)
		s.values, s.floors = refs.corpus(number, wordsOf(w.fakes)), refs.corpus(number, wordsOf(w.train))
		return s, nil
	})
}

// selfBleu has no settings.
type selfBleu struct{}

// SelectionScores implements [Selector].
func (selfBleu) SelectionScores() []string { return bleuNames("self_bleu%d") }

func (selfBleu) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	var scores []Score
	for _, name := range bleuNames("self_bleu%d") {
		scores = append(scores, Score{Name: name, Better: Lower, Note: "far below the floor is no gain: nonsense resembles nothing"})
	}
	return e.ofWords(ctx, scores, selfBLEU)
}

// selfBLEU is, for each order, the mean BLEU of the texts, each against the others.
func selfBLEU(texts [][]string) []float64 {
	number := numbering{}
	refs := newReferences(number, texts)
	means := make([]float64, mostOrder-leastOrder+1)
	for i, words := range texts {
		var m matches
		m.add(refs, number.of(words), i)
		for n, v := range m.scores() {
			means[n] += v / float64(len(texts))
		}
	}
	return means
}

// references are reference texts.
type references struct {
	most    map[gram]most
	lengths []int // lengths of the texts in words, sorted
}

// most is the largest count of an n-gram in any text, that text, and the largest count in the
// others.
type most struct{ count, text, elsewhere int32 }

func newReferences(number numbering, texts [][]string) *references {
	r := &references{most: map[gram]most{}}
	for i, words := range texts {
		r.lengths = append(r.lengths, len(words))
		numbers := number.of(words)
		counts := map[gram]int32{}
		for n := 1; n <= mostOrder; n++ {
			grams(numbers, n, func(g gram) { counts[g]++ })
		}
		for g, count := range counts {
			m := r.most[g]
			if count > m.count {
				m = most{count, int32(i), m.count}
			} else {
				m.elsewhere = max(m.elsewhere, count)
			}
			r.most[g] = m
		}
	}
	slices.Sort(r.lengths)
	return r
}

// corpus is, for each order, the corpus BLEU of texts.
func (r *references) corpus(number numbering, texts [][]string) []float64 {
	var m matches
	for _, words := range texts {
		m.add(r, number.of(words), -1)
	}
	return m.scores()
}

// matches are counts of n-grams: those of the candidates, and those matched by the references,
// clipped to the largest count in a reference.
type matches struct {
	matched, total    [mostOrder]int
	length, reference int // in words; of each candidate the reference nearest in length
}

// add counts a candidate, against all references except one, or all if that is -1.
func (m *matches) add(r *references, words []int32, except int) {
	for n := 1; n <= mostOrder; n++ {
		counts := map[gram]int32{}
		grams(words, n, func(g gram) { counts[g]++; m.total[n-1]++ })
		for g, count := range counts {
			known := r.most[g]
			if except >= 0 && int(known.text) == except {
				known.count = known.elsewhere
			}
			m.matched[n-1] += int(min(count, known.count))
		}
	}
	m.length += len(words)
	own := -1 // index in lengths of the excluded text
	if except >= 0 {
		own, _ = slices.BinarySearch(r.lengths, len(words))
	}
	nearest, found := 0, false
	for i, length := range r.lengths {
		if i != own && (!found || distance(length, len(words)) < distance(nearest, len(words))) { // on a tie the shorter
			nearest, found = length, true
		}
	}
	m.reference += nearest
}

func distance(a, b int) int { return max(a-b, b-a) }

// scores are the BLEU of each order: the geometric mean of the precisions, where the k-th zero
// counts as 1/2^k of one n-gram, times the brevity penalty.
func (m *matches) scores() []float64 {
	out := make([]float64, mostOrder-leastOrder+1)
	if m.matched[0] == 0 {
		return out
	}
	brevity := math.Min(1, math.Exp(1-float64(m.reference)/float64(m.length)))
	var logs []float64
	zeros := 0.0
	for n := range mostOrder {
		if m.total[n] == 0 {
			return out // no candidate is long enough
		}
		matched := float64(m.matched[n])
		if m.matched[n] == 0 {
			zeros++
			matched = math.Pow(2, -zeros)
		}
		logs = append(logs, math.Log(matched/float64(m.total[n])))
		if n+1 >= leastOrder {
			out[n+1-leastOrder] = brevity * math.Exp(stat.Mean(logs, nil))
		}
	}
	return out
}
