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

// Fakes are pictures or texts made by any program, to be scored like samples of a run.
type Fakes struct {
	studio *Studio
	config *Config
	medium *Medium
	real   set
	works  *data.Dataset // pictures, or windows of texts
	order  []int         // the draws take the works in this order

	measured *metric.Evaluation // nil before the first
}

// ReadFakes reads pictures or texts to score against the data of a configuration, through its
// codec. Pictures must have the size of the codec, since resizing would change them; texts are
// cut into windows of its context, as training texts are. Labels are ignored.
func (s *Studio) ReadFakes(ctx context.Context, from data.Source, c *Config) (*Fakes, error) {
	medium, err := mediumOf(c.Codec.Value)
	if err != nil {
		return nil, err
	}
	f := &Fakes{studio: s, config: c, medium: medium}
	if f.real.train, f.real.test, err = s.told().Load(ctx, c.Data.Value, c.Codec.Value); err != nil {
		return nil, err
	}
	if target := f.real.train.Spec().Target(); target.Kind != data.Pixels && !medium.Words {
		return nil, badinput.Errorf("pictures can only be scored against pictures, and texts against texts; the set %q holds %s", f.real.train.Name(), target)
	}
	return f, f.read(ctx, from)
}

// Others reads other works to measure against the same data, of which nothing is read or
// computed again.
func (f *Fakes) Others(ctx context.Context, from data.Source) (*Fakes, error) {
	others := &Fakes{studio: f.studio, config: f.config, medium: f.medium, real: f.real, measured: f.measured}
	return others, others.read(ctx, from)
}

// read reads the works.
func (f *Fakes) read(ctx context.Context, from data.Source) (err error) {
	plain := unlabelled{from: from}
	if target := f.real.train.Spec().Target(); target.Kind == data.Pixels {
		plain.height, plain.width = target.Shape[0], target.Shape[1]
	}
	if f.works, _, err = f.studio.told().Load(ctx, plain, f.config.Codec.Value); err != nil {
		return err
	}
	f.order = noise.Stream(scoreSeed, fakesKey).Perm(f.works.Len())
	return nil
}

// fakesKey makes the order of works independent of the selection of real ones.
const fakesKey = 2

// Evaluate scores the works; no metrics means those of the configuration. Metrics that
// need the model, or more works than there are, are left out with a notice.
func (f *Fakes) Evaluate(ctx context.Context, metrics []registry.Choice[metric.Metric]) ([]metric.Score, error) {
	if len(metrics) == 0 {
		metrics = f.config.Score.Metrics
	}
	e, err := f.studio.evaluation(ctx, f.config, f.real)
	if err != nil {
		return nil, err
	}
	e.Fakes, e.Have = f.draw, len(f.order)
	if e.Text != nil {
		e.Given = func() iter.Seq2[string, error] { return piecesOf(f.works, e.Text) }
	}
	if f.measured != nil {
		e.Follow(f.measured)
	}
	f.measured = e
	scores, err := f.studio.measure(ctx, e, metrics)
	if err != nil {
		return nil, err
	}
	if len(scores) == 0 {
		return nil, badinput.Errorf("nothing could be measured on %s by the requested metrics: the notices say why", f.count())
	}
	for i := range scores {
		f.remark(&scores[i])
	}
	return scores, nil
}

// count is the number of works, in words.
func (f *Fakes) count() string {
	if f.medium.Words {
		if f.works.Len() == 1 {
			return "1 window of text"
		}
		return fmt.Sprintf("%d windows of text", f.works.Len())
	}
	return fmt.Sprintf("%d pictures", f.works.Len())
}

// draw returns the n works of a draw. Draws cycle through all of them, so that they
// share as few as possible.
func (f *Fakes) draw(_ context.Context, n, draw int) (*data.Batch, error) {
	if have := len(f.order); have < n {
		return nil, fmt.Errorf("%w: it needs %d %s, there are %d", metric.ErrNotApplicable, n, f.medium.Works, have)
	}
	chosen := make([]int, n)
	for i := range chosen {
		chosen[i] = f.order[(draw*n+i)%len(f.order)]
	}
	return f.works.Batch(chosen), nil
}

// remark notes on a score that its draws are not independent.
func (f *Fakes) remark(s *metric.Score) {
	switch have := len(f.order); {
	case have == s.N:
		s.Remark(fmt.Sprintf("each draw holds all %s: the deviation is that of the real examples", f.count()))
	case have < s.N*s.Draws:
		s.Remark(fmt.Sprintf("the draws share some of the %s", f.count()))
	}
}

// Sheet returns a PNG of the first pictures, as many as in the sheets of a run.
func (f *Fakes) Sheet() ([]byte, error) {
	if f.medium.Words {
		return nil, badinput.Errorf("a sheet shows pictures; these are texts")
	}
	first := make([]int, min(sheetSamples, f.works.Len()))
	for i := range first {
		first[i] = i
	}
	return sheet(f.works.Batch(first).Column(data.Target))
}

// unlabelled yields the works of a source without their labels, and refuses pictures of another
// size.
type unlabelled struct {
	from          data.Source
	height, width int // of pictures
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

// check leaves files that are not pictures to the codec, which reports them.
func (u unlabelled) check(item data.Item) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(item.Bytes))
	if err == nil && (c.Height != u.height || c.Width != u.width) {
		return badinput.Errorf("%s has %d×%d pixels; pictures are scored at %d×%d, and are not resized",
			cmp.Or(item.Origin.Place, item.Name), c.Width, c.Height, u.width, u.height)
	}
	return nil
}
