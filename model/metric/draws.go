package metric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"atelier/data"
)

// A sample is the result of one draw: the scores in order, and those of real examples, nil if there
// is no floor.
type sample struct {
	values, floors []float64
	fakes, reals   int        // counts of examples
	again          resampling // nil if the draw cannot be resampled
}

// overDraws measures each draw and completes the scores, given with name, unit and direction, by
// mean, deviation and standard error.
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
		s.Value, s.Deviation = spread(values)
		if samples[0].floors != nil {
			for d := range samples {
				values[d] = samples[d].floors[i]
			}
			var floor float64
			floor, s.FloorDeviation = spread(values)
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

// spread is the mean and the standard deviation of values, which is 0 if they differ only by
// rounding.
func spread(values []float64) (mean, deviation float64) {
	mean, deviation = stat.MeanStdDev(values, nil)
	if deviation <= 1e-12*math.Abs(mean) {
		deviation = 0
	}
	return mean, deviation
}

// Remark adds a caution to the score's note.
func (s *Score) Remark(text string) {
	if s.Note != "" {
		s.Note += "; "
	}
	s.Note += text
}

// compare compares n fakes with n real held-out examples in the space, and for the floor n real
// training examples with the same; fewer if there are not that many.
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
		fake, err := e.fakePoints(ctx, m, e.available(n), draw)
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

// manifoldLeast is the smallest number of held-out examples, and of fakes, for manifolds: with
// fewer, the balls are so large that nearly everything is inside one.
const manifoldLeast = 200

// compareEqual is like [Evaluation.compare], but with equal numbers of fakes and held-out examples:
// with more of one kind the manifold shares rise, whatever the fakes are. If either are too few,
// the scores say so.
func (e *Evaluation) compareEqual(ctx context.Context, n int, scores []Score, measure comparison) ([]Score, error) {
	space, err := e.embedder("")
	if err != nil {
		return nil, err
	}
	test, err := e.reals(data.Test, n, 0)
	if err != nil {
		return nil, err
	}
	if e.Fakes == nil {
		return nil, fmt.Errorf("%w: there are no generated examples", ErrNotApplicable)
	}
	n = e.available(min(n, test.N))
	if n >= manifoldLeast {
		return e.compare(ctx, "", n, scores, measure)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i := range scores {
		scores[i].TooFew, scores[i].N, scores[i].Draws, scores[i].Space = true, n, Draws, space.Name()
		if test.N < manifoldLeast {
			scores[i].Remark(fmt.Sprintf("%d held-out examples are too few to tell: %d are needed; kid2k tells more", test.N, manifoldLeast))
		} else {
			scores[i].Remark(fmt.Sprintf("%d generated examples are too few to tell: %d are needed", n, manifoldLeast))
		}
	}
	return scores, nil
}

// available is the number of generated examples in a draw of n.
func (e *Evaluation) available(n int) int {
	if e.Have > 0 {
		return min(n, e.Have)
	}
	return n
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
