package run

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"strconv"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/durable"
	"atelier/internal/provenance"
	"atelier/model/family"
)

// The samples that a run shows of itself: the seeds 0 to 63, eight a row.
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

// pictures writes a sheet of what the model draws now, fakes-NNNNNN.png, or a text
// that it writes now.
func (t *trainer) pictures(ctx context.Context) error {
	if w, ok := t.model.(family.Writing); ok {
		return t.texts(ctx, w)
	}
	g, ok := t.model.(family.Generative)
	if !ok {
		return nil
	}
	sampler, err := g.Sampler(t.studio.Backend, t.store)
	if err != nil {
		return err
	}
	samples, err := gather(sampler(context.WithoutCancel(ctx), Seeds(0, sheetSamples), nil), sheetSamples)
	if err != nil {
		return err
	}
	picture, err := sheet(samples.Column(data.Target))
	if err != nil {
		return err
	}
	labelled, err := provenance.Write(picture, provenance.Label{
		Run: t.dir.Name(), Seeds: Seeds(0, sheetSamples), Version: t.studio.Program, Engine: t.studio.Engine,
		Settings: map[string]string{"step": strconv.Itoa(t.loop.Step)},
	})
	if err != nil {
		return err
	}
	return durable.WriteFile(t.dir.Path(fmt.Sprintf("fakes-%06d.png", t.loop.Step)), labelled)
}

// realPictures writes a sheet of what the model learns from, reals.png or reals.txt.
func (t *trainer) realPictures() error {
	if t.data.train.Spec().Target().Kind == data.Tokens {
		return t.realTexts()
	}
	b, err := t.data.reals(data.Train, sheetSamples, 0)
	if err != nil {
		return err
	}
	picture, err := sheet(b.Column(data.Target))
	if err != nil {
		return err
	}
	return durable.WriteFile(t.dir.Path("reals.png"), picture)
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
