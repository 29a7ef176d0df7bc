package run

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"strconv"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/durable"
	"atelier/internal/provenance"
	"atelier/model/family"
)

// Pictures that a run shows of itself: of the seeds 0 to 63, eight a row.
const (
	sheetSamples = 64
	sheetRow     = 8
)

// Seeds returns n seeds from first on.
func Seeds(first uint64, n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = first + uint64(i)
	}
	return seeds
}

// preview writes what the model makes now of the first seeds, labelled if such a file
// can be.
func (t *trainer) preview(ctx context.Context) error {
	p := t.medium.Preview
	seeds := Seeds(0, p.drawn)
	samples, err := t.samples(context.WithoutCancel(ctx), seeds)
	if err != nil || samples == nil {
		return err
	}
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

// samples draws of the seeds what the model makes now; nil if it makes nothing.
func (t *trainer) samples(ctx context.Context, seeds []uint64) (*data.Batch, error) {
	if m, ok := t.model.(family.Writing); ok {
		return t.written(ctx, m, seeds)
	}
	m, ok := t.model.(family.Generative)
	if !ok {
		return nil, nil
	}
	sampler, err := m.Sampler(t.studio.Backend, t.store)
	if err != nil {
		return nil, err
	}
	shown, err := t.data.reals(data.Train, t.medium.Preview.reals, 0) // those of the preview of reals
	if err != nil {
		return nil, err
	}
	return gather(sampler(ctx, seeds, conditionsOf(t.model, shown, len(seeds))), len(seeds), func(int) {})
}

// written draws token by token, without a prompt.
func (t *trainer) written(ctx context.Context, m family.Writing, seeds []uint64) (*data.Batch, error) {
	w, err := m.Writer(t.studio.Backend, t.store)
	if err != nil {
		return nil, err
	}
	target := t.data.train.Spec().Target()
	length := t.medium.length(target.Size())
	var all []int32
	for _, seed := range seeds {
		n := 0
		for token, err := range w.Write(ctx, seed, nil, family.Plain) {
			if err != nil {
				return nil, err
			}
			all = append(all, token)
			if n++; n == length {
				break
			}
		}
	}
	return batchOf(target, all, len(seeds)), nil
}

// showReals writes examples of what the model learns from, and what samples are drawn by.
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
		beside, err := sheet(b.Column(name))
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

// LastPreview is the path of the newest preview of what the run makes, and of what kind
// it is; empty if there is none.
func (d *Dir) LastPreview() (path string, p *Preview, err error) {
	entries, err := os.ReadDir(d.path) // sorted by name
	if err != nil {
		return "", nil, err
	}
	for _, m := range media {
		for _, e := range entries {
			if ok, _ := filepath.Match(m.Preview.stem+"-*"+m.Preview.extension, e.Name()); ok {
				path, p = d.Path(e.Name()), m.Preview
			}
		}
	}
	return path, p, nil
}
