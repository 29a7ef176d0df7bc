package metric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
)

// A sample is what one draw gave: the values of the scores in order, and the
// same of real examples, nil if there is no floor.
type sample struct {
	values, floors []float64
	fakes, reals   int        // counts of examples
	again          resampling // nil if the draw cannot be measured again
}

// overDraws measures each draw and completes the scores, which come with name,
// unit and direction, by mean, deviation and standard error.
func overDraws(ctx context.Context, scores []Score, measure func(draw int) (sample, error)) ([]Score, error) {
	samples := make([]sample, Draws)
	for draw := range samples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := measure(draw)
		if err != nil {
			return nil, err
		}
		samples[draw] = s
	}
	errors, err := bootstrap(ctx, samples)
	if err != nil {
		return nil, err
	}
	values := make([]float64, Draws)
	for i := range scores {
		s := &scores[i]
		if errors != nil {
			s.Error = errors[i]
		}
		s.Draws, s.N = Draws, samples[0].fakes
		for d := range samples {
			values[d] = samples[d].values[i]
		}
		s.Value, s.Deviation = stat.MeanStdDev(values, nil)
		if samples[0].floors != nil {
			for d := range samples {
				values[d] = samples[d].floors[i]
			}
			var floor float64
			floor, s.FloorDeviation = stat.MeanStdDev(values, nil)
			s.Floor = &floor
		}
		if r := samples[0].reals; r > 0 && r < s.N {
			s.Remark(fmt.Sprintf("against %d real examples: the set has no more", r))
		}
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			return nil, fmt.Errorf("%s is %v: the samples hold values that are not finite", s.Name, s.Value)
		}
	}
	return scores, nil
}

// Remark adds a caution to the score's note.
func (s *Score) Remark(text string) {
	if s.Note != "" {
		s.Note += "; "
	}
	s.Note += text
}

// compare measures n fakes against n real held-out examples in the space,
// and for the floor n real training examples against the same.
func (e *Evaluation) compare(ctx context.Context, space string, n int, scores []Score,
	measure comparison) ([]Score, error) {
	m, err := e.embedder(space)
	if err != nil {
		return nil, err
	}
	for i := range scores {
		scores[i].Space = m.Name()
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		real, err := e.realPoints(ctx, m, data.Test, n, draw)
		if err != nil {
			return s, err
		}
		train, err := e.realPoints(ctx, m, data.Train, n, draw)
		if err != nil {
			return s, err
		}
		fake, err := e.fakePoints(ctx, m, n, draw)
		if err != nil {
			return s, err
		}
		s.fakes, s.reals = fake.N, min(real.N, train.N)
		ofFakes, err := measure(real, fake)
		if err != nil {
			return s, err
		}
		ofTrain, err := measure(real, train)
		s.values, s.again, s.floors = ofFakes.values, ofFakes.again, ofTrain.values
		return s, err
	})
}

// enough returns an error unless the set has at least n held-out examples.
func (e *Evaluation) enough(n int) error {
	b, err := e.reals(data.Test, n, 0)
	if err != nil {
		return err
	}
	if b.N < n {
		return fmt.Errorf("%w: the set has %d test examples, %d are needed", ErrNotApplicable, b.N, n)
	}
	return nil
}
