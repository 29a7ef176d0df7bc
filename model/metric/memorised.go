package metric

import (
	"context"
	"fmt"
	"slices"

	"atelier/data"
)

func init() {
	Metrics.Add("memorised", "share of 500 fakes that copy a training picture, also shifted, mirrored, slightly cropped, brighter or darker: far nearer to the nearest than to the third nearest; beside it the share among held-out pictures (ratio test as in Yoon 2023, Diffusion Probabilistic Models Generalize when They Fail to Memorize)",
		func() Metric { return &memorised{Against: 60000} })
}

// memorised compares pixels, which does not depend on a network. Its floor compares held-out
// pictures with the training pictures.
type memorised struct {
	Against int `help:"largest number of training pictures to compare with"`
}

// errChanged is why copies are not looked for.
var errChanged = fmt.Errorf("%w: copies can only be found among the works that the model learned from, and the data have changed since", ErrNotApplicable)

// memorisedSize is the number of fakes per draw.
const memorisedSize = 500

// SelectionScores implements [Selector].
func (*memorised) SelectionScores() []string { return []string{"memorised", "repeated"} }

func (m *memorised) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if f := e.Spec.Target(); f.Kind != data.Pixels || len(f.Shape) != 3 {
		return nil, fmt.Errorf("%w: the samples are not pictures", ErrNotApplicable)
	}
	if e.Changed {
		return nil, errChanged
	}
	known, err := e.knownPictures(ctx, m.Against)
	if err != nil {
		return nil, err
	}
	scores := []Score{
		{Name: "memorised", Unit: "%", Better: Lower, Space: "pixels",
			Note: fmt.Sprintf("against %d training pictures; a copy is at %.2g of the distance to the third nearest, or nearer", known.finder.sketches.Rows, known.bound)},
		{Name: "repeated", Unit: "%", Better: Lower, Space: "pixels", Note: "share of fakes that hardly differ from another of their draw"},
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		fake, err := e.fakes(ctx, e.available(memorisedSize), draw)
		if err != nil {
			return s, err
		}
		held := known.heldOut[min(draw, len(known.heldOut)-1)]
		s.fakes, s.reals = fake.N, len(held.ratios)
		ratios, err := known.finder.ratios(ctx, fake.Column(data.Target))
		if err != nil {
			return s, err
		}
		spacings, err := spacingsOf(ctx, fake.Column(data.Target))
		twins := twinShare * known.spacing
		s.values = []float64{100 * shareBelow(ratios, known.bound), 100 * shareBelow(spacings, twins)}
		s.floors = []float64{100 * shareBelow(held.ratios, known.bound), 100 * shareBelow(held.spacings, twins)}
		return s, err
	})
}

// twinShare is the threshold below which two fakes are the same, as a share of the usual distance
// of a real picture to the nearest other.
const twinShare = 0.25

// knownPictures are the training pictures that fakes are compared with, and the results for
// held-out ones.
type knownPictures struct {
	finder  *copyFinder
	heldOut []heldOut // of each draw; only one if all draws are the same pictures
	bound   float64   // copies have ratios below it
	spacing float64   // the median distance of a held-out picture to the nearest other
}

type heldOut struct {
	ratios   []float64 // as from [copyFinder.ratios]
	spacings []float64 // distances to the nearest other
}

// knownPictures prepares them, once.
func (e *Evaluation) knownPictures(ctx context.Context, most int) (*knownPictures, error) {
	if k := e.memo.known[most]; k != nil {
		return k, nil
	}
	train, err := e.reals(data.Train, most, 0)
	if err != nil {
		return nil, err
	}
	if train.N < 2 {
		return nil, fmt.Errorf("%w: two training pictures are needed", ErrNotApplicable)
	}
	k := &knownPictures{}
	if k.finder, err = newCopyFinder(ctx, train.Column(data.Target)); err != nil {
		return nil, err
	}
	var ratios, spacings []float64
	for draw := range Draws {
		test, err := e.reals(data.Test, memorisedSize, draw)
		if err != nil {
			return nil, err
		}
		if draw > 0 && test.N < memorisedSize { // all draws are the same pictures
			break
		}
		var h heldOut
		if h.ratios, err = k.finder.ratios(ctx, test.Column(data.Target)); err != nil {
			return nil, err
		}
		if h.spacings, err = spacingsOf(ctx, test.Column(data.Target)); err != nil {
			return nil, err
		}
		k.heldOut = append(k.heldOut, h)
		ratios, spacings = append(ratios, h.ratios...), append(spacings, h.spacings...)
	}
	slices.Sort(spacings)
	k.bound, k.spacing = copyBound(ratios), spacings[len(spacings)/2]
	if e.memo.known == nil {
		e.memo.known = map[int]*knownPictures{}
	}
	e.memo.known[most] = k
	return k, nil
}

// The ratio below which a picture is a copy: copyRatio, or the falseAlarms quantile of held-out
// pictures if that is smaller, but at least leastRatio, since some held-out pictures may be copies
// themselves. With fewer than calibrating pictures, no such quantile can be estimated.
const (
	copyRatio   = 0.5
	leastRatio  = 0.35
	falseAlarms = 0.01
	calibrating = 100
)

// copyBound is that ratio, given the ratios of held-out pictures.
func copyBound(heldOut []float64) float64 {
	if len(heldOut) < calibrating {
		return copyRatio
	}
	sorted := slices.Sorted(slices.Values(heldOut))
	return min(copyRatio, max(leastRatio, sorted[int(falseAlarms*float64(len(sorted)))]))
}

// shareBelow is the share of the numbers below a bound.
func shareBelow(numbers []float64, bound float64) float64 {
	n := 0
	for _, v := range numbers {
		if v < bound {
			n++
		}
	}
	return float64(n) / float64(len(numbers))
}
