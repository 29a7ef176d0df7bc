package metric

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/stat"
)

func init() {
	Metrics.Add("distinct", "distinct-1 to distinct-3: number of different n-grams of words in up to 200 samples over that of all (Li et al. 2016, arXiv:1510.03055)",
		func() Metric { return distinct{} })
	Metrics.Add("repetition", "share of the 4-grams of words of a text that repeat an earlier one, mean over up to 200 samples (seq-rep-4 of Welleck et al. 2020, arXiv:1908.04319)",
		func() Metric { return repetition{} })
}

// distinct has no settings.
type distinct struct{}

// distinctOrders is the number of words of the largest n-grams.
const distinctOrders = 3

// SelectionScores implements [Selector].
func (distinct) SelectionScores() []string { return []string{"distinct1", "distinct2", "distinct3"} }

func (m distinct) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	var scores []Score
	for _, name := range m.SelectionScores() {
		scores = append(scores, Score{Name: name, Better: Higher, Note: "falls with the number and length of the texts; above the floor is no gain: nonsense is varied"})
	}
	return e.ofWords(ctx, scores, distinctShares)
}

// distinctShares are, for each order, the number of distinct n-grams over the total.
func distinctShares(texts [][]string) []float64 {
	number := numbering{}
	out := make([]float64, distinctOrders)
	for n := range out {
		different, all := map[gram]bool{}, 0
		for _, words := range texts {
			grams(number.of(words), n+1, func(g gram) { different[g] = true; all++ })
		}
		out[n] = float64(len(different)) / float64(max(1, all))
	}
	return out
}

// repetition has no settings.
type repetition struct{}

// repetitionOrder is the length of the n-grams.
const repetitionOrder = 4

// SelectionScores implements [Selector].
func (repetition) SelectionScores() []string { return []string{"repeated_4grams"} }

func (repetition) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	scores := []Score{{Name: "repeated_4grams", Unit: "%", Better: Lower, Note: fmt.Sprintf("of texts of at least %d words", repetitionOrder)}}
	return e.ofWords(ctx, scores, func(texts [][]string) []float64 { return []float64{100 * repeatedShare(texts)} })
}

// repeatedShare is the mean share of n-grams that repeat an earlier one of the same text, over
// the texts that have any n-grams.
func repeatedShare(texts [][]string) float64 {
	var shares []float64
	for _, words := range texts {
		different, all := map[gram]bool{}, 0
		grams(numbering{}.of(words), repetitionOrder, func(g gram) { different[g] = true; all++ })
		if all > 0 {
			shares = append(shares, 1-float64(len(different))/float64(all))
		}
	}
	if len(shares) == 0 {
		return 0
	}
	return stat.Mean(shares, nil)
}
