package metric

import (
	"context"
	"fmt"
	"math"

	"atelier/data"
)

func init() {
	Metrics.Add("psnr", "peak signal-to-noise ratio of up to 500 translated pictures against their held-out targets, in dB",
		func() Metric { return psnr{} })
}

// psnr has no settings.
type psnr struct{}

// psnrMost is the largest number of pictures compared in a draw.
const psnrMost = 500

// SelectionScores implements [Selector].
func (psnr) SelectionScores() []string { return []string{"psnr"} }

func (psnr) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	target := e.Spec.Target()
	if e.Truths == nil || target.Kind != data.Pixels {
		return nil, fmt.Errorf("%w: the model does not translate pictures", ErrNotApplicable)
	}
	scores := []Score{{Name: "psnr", Unit: "dB", Better: Higher, Space: "pixels", Note: "mean over the pictures"}}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		truths, err := e.Truths(psnrMost, draw)
		if err != nil {
			return s, err
		}
		fakes, err := e.fakes(ctx, truths.N, draw)
		if err != nil {
			return s, err
		}
		is, should := fakes.Column(data.Target), truths.Column(data.Target)
		sum, span := 0., float64(target.High-target.Low)
		for i := range truths.N {
			square := 0.
			for k, v := range is.Row(i) {
				d := float64(v - should.Row(i)[k])
				square += d * d
			}
			// Differences below 8-bit resolution count as none.
			square = max(square/float64(target.Size()), math.Pow(span/255, 2)/12)
			sum += 10 * math.Log10(span*span/square)
		}
		s.values, s.fakes, s.reals = []float64{sum / float64(truths.N)}, fakes.N, truths.N
		return s, nil
	})
}
