package metric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
)

// modesSize is the number of samples per draw.
const modesSize = 2500

func init() {
	Metrics.Add("modes", "modes of a toy mixture covered by 2,500 samples, share within 3 sigma of a mode, reverse KL of the modes' shares (Metz 2016, arXiv:1611.02163; Lin 2017, arXiv:1712.04086)",
		func() Metric { return modes{} })
}

// modes has no settings: the protocol is in the documentation.
type modes struct{}

// SelectionScores implements [Selector].
func (modes) SelectionScores() []string {
	return []string{"modes_found", "modes_high_quality", "modes_reverse_kl"}
}

func (modes) Measure(ctx context.Context, e *Evaluation) ([]Score, error) {
	if e.Mixture == nil || len(e.Mixture.Centres) == 0 {
		return nil, fmt.Errorf("%w: the true modes of the set are not known", ErrNotApplicable)
	}
	scores := []Score{
		{Name: "modes_found", Better: Higher, Note: fmt.Sprintf("of %d", len(e.Mixture.Centres))},
		{Name: "modes_high_quality", Unit: "%", Better: Higher, Note: "within 3 sigma of a mode"},
		{Name: "modes_reverse_kl", Unit: "nats", Better: Lower, Note: "of samples by nearest mode, against equal shares"},
	}
	values := func(b *data.Batch) ([]float64, error) {
		c, err := e.Mixture.Count(b.Column(data.Target))
		return []float64{float64(c.Found), 100 * c.HighQuality, c.ReverseKL}, err
	}
	return overDraws(ctx, scores, func(draw int) (s sample, err error) {
		fakes, err := e.fakes(ctx, modesSize, draw)
		if err != nil {
			return s, err
		}
		if s.values, err = values(fakes); err != nil {
			return s, err
		}
		reals, err := e.reals(data.Train, modesSize, draw)
		if err != nil {
			return s, err
		}
		s.fakes, s.reals = fakes.N, reals.N
		s.floors, err = values(reals)
		return s, err
	})
}

// ModeCount describes how samples spread over the modes of a mixture.
type ModeCount struct {
	// Found counts the modes with at least 1 % of their fair share (samples
	// over modes) of high-quality samples, and at least one.
	Found int
	// HighQuality is the share of samples within 3 sigma of a centre.
	HighQuality float64
	// ReverseKL is KL(q‖uniform) in nats, where q holds each mode's share of
	// the samples that are nearest to it: 0 if equal, ln(modes) if all in one.
	ReverseKL float64
}

// Count assigns each sample to a mode.
func (m *Mixture) Count(samples *data.Column) (ModeCount, error) {
	width := samples.Field.Size()
	if width != len(m.Centres[0]) || len(samples.Floats) == 0 {
		return ModeCount{}, fmt.Errorf("%w: samples %v do not lie in the mixture's %d dimensions", ErrNotApplicable, samples.Field, len(m.Centres[0]))
	}
	n := len(samples.Floats) / width
	high, all := make([]int, len(m.Centres)), make([]float64, len(m.Centres))
	var c ModeCount
	for i := range n {
		mode, square := m.nearest(samples.Row(i))
		all[mode]++
		if square <= 9*m.Sigma*m.Sigma {
			high[mode]++
			c.HighQuality++
		}
	}
	share := 0.01 * float64(n) / float64(len(m.Centres))
	for _, h := range high {
		if h > 0 && float64(h) >= share {
			c.Found++
		}
	}
	c.HighQuality /= float64(n)
	floats.Scale(1/float64(n), all)
	c.ReverseKL = math.Log(float64(len(m.Centres))) - Entropy(all)
	return c, nil
}

// nearest returns the mode whose centre is nearest and the squared distance to it.
func (m *Mixture) nearest(x []float32) (mode int, square float64) {
	square = math.Inf(1)
	for i, centre := range m.Centres {
		d := 0.0
		for j, v := range centre {
			d += (float64(x[j]) - v) * (float64(x[j]) - v)
		}
		if d < square {
			mode, square = i, d
		}
	}
	return mode, square
}
