package metric

import (
	"context"
	"fmt"

	"atelier/data"
)

func init() {
	Metrics.Add("flicker", "mean squared second difference in time of 500 clips, and its ratio to that of real test clips: what changes to and fro between frames",
		func() Metric { return flicker{} })
}

// flicker has no settings.
type flicker struct{}

// flickerMost is the largest number of clips of a draw.
const flickerMost = 500

// SelectionScores implements [Selector].
func (flicker) SelectionScores() []string { return nil }

func (flicker) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	f := e.Spec.Target()
	if f.Kind != data.Frames || f.Shape[0] < 3 {
		return nil, fmt.Errorf("%w: the samples are not clips of 3 frames or more", ErrNotApplicable)
	}
	scores := []Score{
		{Name: "flicker", Note: "values in [0, 1]"},
		{Name: "flicker_ratio", Note: "1 is as restless as real test clips; less stands still or blurs, more flickers"},
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		fake, test, err := e.fakesAndTest(ctx, flickerMost, draw)
		if err != nil {
			return s, err
		}
		train, err := e.reals(data.Train, flickerMost, draw)
		if err != nil {
			return s, err
		}
		v, t, r := Flicker(fake.Column(data.Target)), Flicker(test.Column(data.Target)), Flicker(train.Column(data.Target))
		if t == 0 {
			return s, fmt.Errorf("%w: nothing moves in the test clips", ErrNotApplicable)
		}
		return sample{values: []float64{v, v / t}, floors: []float64{r, r / t}, fakes: fake.N, reals: min(test.N, train.N)}, nil
	})
}

// Flicker is the mean square of x[t-1] - 2·x[t] + x[t+1] over clips [frames, height, width, channels]
// with values scaled to [0, 1].
func Flicker(clips *data.Column) float64 {
	f := clips.Field
	frame, span, sum, n := f.Frame().Size(), float64(f.High-f.Low), 0., 0
	for i := range len(clips.Floats) / f.Size() {
		row := clips.Row(i)
		for k := frame; k < len(row)-frame; k++ {
			d := float64(row[k-frame]-2*row[k]+row[k+frame]) / span
			sum += d * d
			n++
		}
	}
	return sum / float64(n)
}
