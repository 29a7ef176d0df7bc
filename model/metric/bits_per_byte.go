package metric

import (
	"context"
	"fmt"
	"math"

	"atelier/data"
)

func init() {
	Metrics.Add("bits_per_byte", "cross-entropy of up to 2,000 windows of held-out text in bits per byte of UTF-8, which compares models with different tokens (as in Gao et al. 2020, The Pile, arXiv:2101.00027)",
		func() Metric { return bitsPerByte{} })
}

// bitsPerByte has no settings.
type bitsPerByte struct{}

// SelectionScores implements [Selector].
func (bitsPerByte) SelectionScores() []string { return []string{"bits_per_byte"} }

func (bitsPerByte) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if err := e.needTexts(); err != nil {
		return nil, err
	}
	if e.Likelihood == nil {
		return nil, fmt.Errorf("%w: the model gives no likelihood of text", ErrNotApplicable)
	}
	scores := []Score{{Name: "bits_per_byte", Unit: "bits/byte", Better: Lower, Note: "the first token of a window, which has no context, does not count"}}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		test, err := e.reals(data.Test, windows, draw)
		if err != nil {
			return s, err
		}
		nats, err := e.Likelihood(ctx, test)
		if err != nil {
			return s, err
		}
		bits, bytes := 0.0, 0
		for i, each := range nats {
			tokens := test.Column(data.Target).Tokens(i)
			whole, err := e.Text(tokens)
			if err != nil {
				return s, err
			}
			first, err := e.Text(tokens[:1])
			if err != nil {
				return s, err
			}
			bits += each * float64(len(tokens)-1) / math.Ln2
			bytes += len(whole) - len(first)
		}
		s.fakes, s.values = test.N, []float64{bits / float64(max(1, bytes))}
		return s, nil
	})
}
