package metric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
)

func init() {
	Metrics.Add("perplexity", "perplexity of held-out text, and the cross-entropy in bits, over 2,000 windows (Jelinek, Mercer, Bahl & Baker 1977, Perplexity: a measure of the difficulty of speech recognition tasks)",
		func() Metric { return perplexity{} })
}

// perplexity has no settings.
type perplexity struct{}

// windows is the largest number of examples per draw.
const windows = 2000

// SelectionScores implements [Selector].
func (perplexity) SelectionScores() []string { return []string{"perplexity", "bpc"} }

func (perplexity) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if e.Likelihood == nil || e.Spec.Target().Kind != data.Tokens {
		return nil, fmt.Errorf("%w: the model gives no likelihood of text", ErrNotApplicable)
	}
	bits := "bits/token"
	scores := []Score{
		{Name: "perplexity", Better: Lower},
		{Name: "bpc", Unit: bits, Better: Lower, Note: "the logarithm of perplexity to base 2; a token of the codec chars is a character"},
		{Name: "bpc_train", Unit: bits, Note: "of training text: far below bpc if the model has learned it by heart"},
		{Name: "bpc_unigram", Unit: bits, Note: "what the frequencies of single tokens in the training text give: a model that has learned anything is well below"},
	}
	var all *sample // a draw of everything is the same as the next one
	return overDraws(ctx, scores, func(draw int) (sample, error) {
		if all != nil {
			return *all, nil
		}
		s, whole, err := e.crossEntropy(ctx, draw)
		if whole {
			all = &s
		}
		return s, err
	})
}

// crossEntropy measures one draw, and reports whether it was the whole set.
func (e *Evaluation) crossEntropy(ctx context.Context, draw int) (s sample, whole bool, err error) {
	test, err := e.reals(data.Test, windows, draw)
	if err != nil {
		return s, false, err
	}
	train, err := e.reals(data.Train, windows, draw)
	if err != nil {
		return s, false, err
	}
	if test.N == 0 || train.N == 0 {
		return s, false, fmt.Errorf("%w: the training or the test part has no text", ErrNotApplicable)
	}
	var nats [2]float64
	for i, b := range []*data.Batch{test, train.Rows(0, min(train.N, test.N))} {
		each, err := e.Likelihood(ctx, b)
		if err != nil {
			return s, false, err
		}
		nats[i] = stat.Mean(each, nil)
	}
	unigram := Unigram(train.Column(data.Target), test.Column(data.Target))
	s.values = []float64{math.Exp(nats[0]), nats[0] / math.Ln2, nats[1] / math.Ln2, unigram / math.Ln2}
	s.fakes = test.N
	return s, test.N < windows && train.N < windows, nil
}

// Unigram returns the mean cross-entropy, in nats per token, of texts under a unigram model
// of others with add-one smoothing. The first token of each example, which has no context,
// does not count.
func Unigram(known, texts *data.Column) float64 {
	counts := make([]float64, known.Field.Vocabulary)
	for i := range counts {
		counts[i] = 1
	}
	for _, token := range known.Ints {
		counts[token]++
	}
	total := float64(len(known.Ints) + len(counts))
	size, sum, n := texts.Field.Size(), 0.0, 0
	for i, token := range texts.Ints {
		if i%size == 0 {
			continue
		}
		sum -= math.Log(counts[token] / total)
		n++
	}
	return sum / float64(n)
}
