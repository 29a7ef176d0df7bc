package run

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"iter"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/internal/registry"
	"atelier/model/metric"
)

// Fakes are pictures that some program made, this one or another, to be measured as
// what a run draws is measured.
type Fakes struct {
	studio   *Studio
	config   *Config
	real     set
	pictures *data.Dataset
	order    []int // the draws take the pictures in this order
}

// ReadFakes reads pictures to measure against the data of a configuration, through its
// codec. They must have the size that the codec makes: one that it had to resize would
// not be what was made. Labels play no part.
func (s *Studio) ReadFakes(ctx context.Context, from data.Source, c *Config) (*Fakes, error) {
	f := &Fakes{studio: s, config: c}
	var err error
	told := s.told()
	if f.real.train, f.real.test, err = told.Load(ctx, c.Data.Value, c.Codec.Value); err != nil {
		return nil, err
	}
	target := f.real.train.Spec().Target()
	if target.Kind != data.Pixels {
		return nil, badinput.Errorf("pictures can be measured against pictures alone; the set %q holds %s", f.real.train.Name(), target)
	}
	plain := unlabelled{from, target.Shape[0], target.Shape[1]}
	if f.pictures, _, err = told.Load(ctx, plain, c.Codec.Value); err != nil {
		return nil, err
	}
	f.order = noise.Stream(scoreSeed, fakesKey).Perm(f.pictures.Len())
	return f, nil
}

// fakesKey keys the order of pictures apart from the selections of reals.
const fakesKey = 2

// Evaluate measures the pictures; no metrics means those of the configuration. Metrics
// that need the model, or more pictures than there are, are left out with a notice.
func (f *Fakes) Evaluate(ctx context.Context, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	if len(metrics) == 0 {
		metrics = f.config.Score.Metrics
	}
	e, err := f.studio.evaluation(ctx, f.config, f.real)
	if err != nil {
		return nil, err
	}
	e.Fakes = f.draw
	scores, err := f.studio.measure(ctx, e, metrics)
	if err != nil {
		return nil, err
	}
	if len(scores) == 0 {
		return nil, badinput.Errorf("nothing could be measured on %d pictures: most metrics need 2000", f.pictures.Len())
	}
	for i := range scores {
		f.remark(&scores[i])
	}
	return scores, nil
}

// draw returns the n pictures of a draw. The draws follow each other through all
// pictures and then begin again, so that they share as few as can be.
func (f *Fakes) draw(_ context.Context, n, draw int) (*data.Batch, error) {
	if have := len(f.order); have < n {
		return nil, fmt.Errorf("%w: it needs %d pictures, there are %d", metric.ErrNotApplicable, n, have)
	}
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = f.order[(draw*n+i)%len(f.order)]
	}
	return f.pictures.Batch(chosen), nil
}

// remark says of a score where its draws are not independent.
func (f *Fakes) remark(s *metric.Score) {
	switch have := len(f.order); {
	case have == s.N:
		s.Remark(fmt.Sprintf("each draw holds all %d pictures: the deviation is that of the real examples", have))
	case have < s.N*s.Draws:
		s.Remark(fmt.Sprintf("the draws share some of the %d pictures", have))
	}
}

// Sheet returns a PNG that shows the first pictures, as many as a run shows of itself.
func (f *Fakes) Sheet() ([]byte, error) {
	first := make([]int, min(sheetSamples, f.pictures.Len()))
	for i := range first {
		first[i] = i
	}
	return sheet(f.pictures.Batch(first).Column(data.Target))
}

// unlabelled yields the pictures of a source without their labels, and refuses those
// of another size.
type unlabelled struct {
	from          data.Source
	height, width int
}

// Items implements [data.Source].
func (u unlabelled) Items(ctx context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		for item, err := range u.from.Items(ctx, split) {
			item.Label = ""
			if err == nil {
				err = u.check(item)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// check leaves what is no picture to the codec, which says so.
func (u unlabelled) check(item data.Item) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(item.Bytes))
	if err == nil && (c.Height != u.height || c.Width != u.width) {
		return badinput.Errorf("%s has %d×%d pixels; they are measured at %d×%d, and a resized picture is another one",
			cmp.Or(item.Origin.Place, item.Name), c.Width, c.Height, u.width, u.height)
	}
	return nil
}
