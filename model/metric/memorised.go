package metric

import (
	"context"
	"fmt"
	"math"

	"atelier/data"
)

func init() {
	Metrics.Add("memorised", "share of 500 fakes that copy a training picture: the nearest in pixels is nearer than half the second nearest; beside it the share among held-out pictures (ratio test as in Yoon 2023, Diffusion Probabilistic Models Generalize when They Fail to Memorize)",
		func() Metric { return &memorised{Against: 60000} })
}

// memorised measures in pixels, where a copy is a copy whatever a network
// makes of it. Its floor compares held-out pictures to the training pictures.
type memorised struct {
	Against int `help:"training pictures to compare with, at most"`
}

// copyRatio is the share of the second nearest distance below which the nearest is a copy.
const copyRatio = 0.5

func (m *memorised) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if e.Spec.Target().Kind != data.Pixels {
		return nil, fmt.Errorf("%w: the samples are not pictures", ErrNotApplicable)
	}
	train, err := e.reals(data.Train, m.Against, 0)
	if err != nil {
		return nil, err
	}
	if train.N < 2 {
		return nil, fmt.Errorf("%w: two training pictures are needed", ErrNotApplicable)
	}
	scores := []Score{{Name: "memorised", Unit: "%", Better: Lower, Space: "pixels", Note: fmt.Sprintf("against %d training pictures", train.N)}}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		const n = 500
		fake, test, err := e.fakesAndTest(ctx, n, draw)
		if err != nil {
			return s, err
		}
		known := train.Column(data.Target)
		s.fakes, s.reals = fake.N, test.N
		copies, err := copied(ctx, fake.Column(data.Target), known, copyRatio)
		if err != nil {
			return s, err
		}
		floor, err := copied(ctx, test.Column(data.Target), known, copyRatio)
		s.values, s.floors = []float64{100 * copies}, []float64{100 * floor}
		return s, err
	})
}

// copied returns the share of the samples whose Euclidean distance to the
// nearest known example is below ratio times that to the second nearest. An
// exact copy of an example that the known hold twice does not count. It needs
// two known examples of the samples' shape.
func copied(ctx context.Context, samples, known *data.Column, ratio float64) (float64, error) {
	n := len(samples.Floats) / samples.Field.Size()
	found := make([]bool, n)
	err := onThreads(ctx, n, func(i int) {
		_, squares := Nearest(samples.Row(i), known, 2)
		found[i] = math.Sqrt(squares[0]) < ratio*math.Sqrt(squares[1])
	})
	count := 0
	for _, c := range found {
		if c {
			count++
		}
	}
	return float64(count) / float64(n), err
}
