package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
	"atelier/model/feature"
)

// stackedSize is the number of samples per draw, as in the papers.
const stackedSize = 25_600

// channels is the number of channels of a stacked picture.
const channels = 3

func init() {
	Metrics.Add("stacked_modes", "modes of a stacked set, such as the 1,000 of Stacked MNIST, covered by 25,600 samples, by a classifier of single channels, and reverse KL of the modes' shares (Metz 2016, arXiv:1611.02163; Lin 2017, arXiv:1712.04086)",
		func() Metric { return stackedModes{} })
}

// stackedModes has no settings: the protocol is that of the papers.
type stackedModes struct{}

// SelectionScores implements [Selector].
func (stackedModes) SelectionScores() []string {
	return []string{"stacked_modes", "stacked_reverse_kl"}
}

func (stackedModes) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	f := e.Spec.Target()
	if e.Layer == nil || e.Fakes == nil || f.Kind != data.Pixels || len(f.Shape) != 3 || f.Shape[2] != channels {
		return nil, fmt.Errorf("%w: the samples are not stacks of another set's pictures", ErrNotApplicable)
	}
	judge, err := e.Layer()
	switch {
	case errors.Is(err, feature.ErrNoWeights):
		return nil, fmt.Errorf("%w: %w", ErrNotApplicable, err)
	case err != nil:
		return nil, err
	}
	scores := []Score{
		{Name: "stacked_modes", Better: Higher, Space: judge.Name()},
		{Name: "stacked_reverse_kl", Unit: "nats", Better: Lower, Space: judge.Name(), Note: "of the modes' shares against equal ones; so many samples of equal modes have more than 0, see the floor"},
	}
	scores, err = overDraws(ctx, scores, func(draw int) (s sample, err error) {
		// So many samples are not cached for other metrics.
		fakes, err := e.Fakes(ctx, stackedSize, draw)
		if err != nil {
			return s, err
		}
		if s.values, err = stackedValues(ctx, judge, fakes.Column(data.Target)); err != nil {
			return s, err
		}
		reals, err := e.reals(data.Train, stackedSize, draw)
		if err != nil {
			return s, err
		}
		s.fakes, s.reals = fakes.N, reals.N
		s.floors, err = stackedValues(ctx, judge, reals.Column(data.Target))
		return s, err
	})
	if err == nil {
		scores[0].Remark("a mode counts that has one sample")
	}
	return scores, err
}

// stackedValues returns the number of modes among samples, and the reverse KL of their
// shares.
func stackedValues(ctx context.Context, judge feature.Embedder, samples *data.Column) ([]float64, error) {
	modes, classes, err := Modes(ctx, judge, samples)
	if err != nil {
		return nil, err
	}
	found, kl := ModesFound(modes, classes*classes*classes)
	return []float64{float64(found), kl}, nil
}

// Modes returns the mode of each picture [height, width, 3], (r·classes + g)·classes + b
// by the classes predicted for single channels, and the number of modes.
func Modes(ctx context.Context, judge feature.Embedder, samples *data.Column) (modes []int, classes int, err error) {
	modes = make([]int, len(samples.Floats)/samples.Field.Size())
	for c := range channels {
		seen, err := judge.Embed(ctx, channel(samples, c))
		if err != nil {
			return nil, 0, fmt.Errorf("feature space %s: %w", judge.Name(), err)
		}
		if classes = len(seen.Probabilities) / max(1, seen.N); classes < 2 {
			return nil, 0, fmt.Errorf("feature space %s does not classify", judge.Name())
		}
		for i := range modes {
			modes[i] = modes[i]*classes + floats.MaxIdx(seen.Probabilities[i*classes:(i+1)*classes])
		}
	}
	return modes, classes, nil
}

// ModesFound returns how many of the modes 0 to all-1 have samples, and the reverse KL in
// nats of the modes' shares against equal ones: 0 if equal, ln(all) if all samples are in
// one.
func ModesFound(modes []int, all int) (found int, reverseKL float64) {
	shares := make([]float64, all)
	for _, m := range modes {
		shares[m] += 1 / float64(len(modes))
	}
	empty := len(slices.DeleteFunc(slices.Clone(shares), func(p float64) bool { return p > 0 }))
	return all - empty, math.Log(float64(all)) - Entropy(shares)
}

// channel returns one channel of pictures.
func channel(pictures *data.Column, c int) *data.Column {
	f := pictures.Field
	f.Shape = []int{f.Shape[0], f.Shape[1], 1}
	out := &data.Column{Field: f, Floats: make([]float32, 0, len(pictures.Floats)/channels)}
	for at := c; at < len(pictures.Floats); at += channels {
		out.Floats = append(out.Floats, pictures.Floats[at])
	}
	return out
}
