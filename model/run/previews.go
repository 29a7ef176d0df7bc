package run

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"slices"
	"strconv"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/durable"
	"atelier/internal/provenance"
	"atelier/model/family"
	"atelier/model/language"
	"atelier/model/pixelnet"
)

// Sheets of samples have the seeds 0 to 63, eight per row; those of clips 0 to 7, one per row.
const (
	sheetSamples = 64
	sheetRow     = 8
	sheetClips   = 8
)

// Seeds returns n seeds from first on.
func Seeds(first uint64, n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	return seeds
}

// preview writes current samples of the first seeds, labelled if the format allows.
func (t *trainer) preview(ctx context.Context) error {
	p := t.medium.Preview
	seeds := Seeds(0, p.drawn)
	before := t.meter.Read()
	samples, err := t.samples(context.WithoutCancel(ctx), seeds)
	if err != nil || samples == nil {
		return err
	}
	t.tally(len(seeds), before)
	file, err := p.show(t.config.Codec.Value, samples)
	if err != nil {
		return err
	}
	if provenance.Carries(file) {
		file, err = provenance.Write(file, provenance.Label{
			Run: t.dir.Name(), Seeds: seeds, Version: t.studio.Program, Engine: t.studio.Engine,
			Settings: map[string]string{"step": strconv.Itoa(t.loop.Step)},
		})
		if err != nil {
			return err
		}
	}
	return durable.WriteFile(t.dir.Path(p.file(t.loop.Step)), file)
}

// samples draws current samples of the seeds; nil if the model does not generate.
func (t *trainer) samples(ctx context.Context, seeds []uint64) (*data.Batch, error) {
	if m, ok := t.model.(family.Writing); ok {
		return t.written(ctx, m, seeds)
	}
	if m, ok := t.model.(family.Painting); ok {
		return t.painted(ctx, m)
	}
	if !generates(t.model) {
		return nil, nil
	}
	draw, err := t.drawer()
	if err != nil {
		return nil, err
	}
	return draw(ctx, seeds)
}

// drawer returns a function that draws samples of seeds.
func (t *trainer) drawer() (func(context.Context, []uint64) (*data.Batch, error), error) {
	sampler, err := t.studio.sampler(t.model, t.store)
	if err != nil {
		return nil, err
	}
	shown, err := t.data.reals(data.Train, t.medium.Preview.reals, 0) // those of the preview of reals
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, seeds []uint64) (*data.Batch, error) {
		return gather(sampler(ctx, seeds, conditionsOf(t.model, shown, len(seeds))), len(seeds), func(int) {})
	}, nil
}

// painted are the examples of the preview of reals, painted.
func (t *trainer) painted(ctx context.Context, m family.Painting) (*data.Batch, error) {
	net, err := m.Painter(t.store)
	if err != nil {
		return nil, err
	}
	reals, err := t.data.reals(data.Train, min(sheetRow, t.data.train.Len()), 0)
	if err != nil {
		return nil, err
	}
	out := data.NewColumn(reals.Column(data.Target).Field, reals.N)
	return &data.Batch{N: reals.N, Columns: []data.Column{out}}, pixelnet.PaintAll(ctx, t.studio.Backend, net, reals.Column(data.Target), &out)
}

// written generates token by token, without a prompt.
func (t *trainer) written(ctx context.Context, m family.Writing, seeds []uint64) (*data.Batch, error) {
	decoder, err := m.Decoder(t.store, t.studio.Kernels)
	if err != nil {
		return nil, err
	}
	target := t.data.train.Spec().Target()
	length := t.medium.length(target.Size())
	w := m.Writer(decoder)
	texts := make([][]int32, len(seeds))
	err = w.Write(ctx, starts(m, target.Begin, seeds), func(i int, token language.Token) (more bool, err error) {
		texts[i] = append(texts[i], token.ID)
		return len(texts[i]) < length, nil
	})
	return batchOf(target, slices.Concat(texts...), len(seeds)), err
}

// showReals writes a preview of training examples and of conditions.
func (t *trainer) showReals() error {
	p := t.medium.Preview
	b, err := t.data.reals(data.Train, p.reals, 0)
	if err != nil {
		return err
	}
	file, err := p.show(t.config.Codec.Value, b)
	if err != nil {
		return err
	}
	for _, name := range needed(t.model) {
		c := b.Column(name)
		if name == data.Target || c.Field.Kind != data.Pixels {
			continue // shown already, or words
		}
		beside, err := sheet(c)
		if err != nil {
			return err
		}
		if err := durable.WriteFile(t.dir.Path(name+"s"+p.extension), beside); err != nil {
			return err
		}
	}
	return durable.WriteFile(t.dir.Path("reals"+p.extension), file)
}

// sheet shows a column of examples as one PNG.
func sheet(c *data.Column) ([]byte, error) {
	picture, err := codec.Sheet(c, sheetRow)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = png.Encode(&out, picture)
	return out.Bytes(), err
}

// LastPreview returns the path of the newest preview of samples and its kind; empty if
// there is none. Previews of several kinds have the same names: the run file tells them apart.
func (d *Dir) LastPreview() (path string, p *Preview, err error) {
	entries, err := os.ReadDir(d.path) // sorted by name
	if err != nil {
		return "", nil, err
	}
	kinds := media
	if text, err := d.ConfigText(); err == nil {
		if c, err := Parse(d.Path(configFile), text); err == nil {
			if own, err := mediumOf(c.Codec.Value); err == nil {
				kinds = []*Medium{own}
			}
		}
	}
	for _, m := range kinds {
		for _, e := range entries {
			if m.Preview.shows(e.Name()) {
				path, p = d.Path(e.Name()), m.Preview
			}
		}
	}
	return path, p, nil
}

// Previews are the paths of all previews of the run, sorted by step.
func (d *Dir) Previews() (paths []string, err error) {
	entries, err := os.ReadDir(d.path) // sorted by name
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if slices.ContainsFunc(media, func(m *Medium) bool { return m.Preview.shows(e.Name()) }) {
			paths = append(paths, d.Path(e.Name()))
		}
	}
	return paths, nil
}
