package metric

import (
	"context"
	"fmt"
	"math"

	"atelier/data"
)

func init() {
	Metrics.Add("psnr", "peak signal-to-noise ratio: how near pictures that are made of others come to the held-out ones that they should be, in dB of their mean squared difference; as many as there are, up to 500",
		func() Metric { return psnr{} })
}

// psnr has no settings.
type psnr struct{}

// psnrMost is how many pictures are compared in a draw, at most.
const psnrMost = 500

func (psnr) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	target := e.Spec.Target()
	if e.Truths == nil || target.Kind != data.Pixels {
		return nil, fmt.Errorf("%w: the samples are not made of other pictures", ErrNotApplicable)
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
			// A difference that 8 bits cannot show is none.
			square = max(square/float64(target.Size()), math.Pow(span/255, 2)/12)
			sum += 10 * math.Log10(span*span/square)
		}
		s.values, s.fakes, s.reals = []float64{sum / float64(truths.N)}, fakes.N, truths.N
		return s, nil
	})
}
