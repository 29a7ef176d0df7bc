package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/run"
)

func init() {
	Apps.Add("variations", "draw variations of a picture: from its own patches, without training, or with --model, from the most similar samples of a trained run",
		func() App {
			return &Variations{From: byPatches, N: 14, Strength: 0.2, Seed: 1, Candidates: 1024}
		})
}

const (
	givenSetting  = "given" // in older labels: the picture as the run reads it, a PNG in base64
	randomSamples = 48      // for comparison with the code found
)

// The seeds of candidates and of random samples, far from those that users choose.
const (
	candidateSeed = 0x7661726961 << 16 // "varia"
	randomSeed    = 0x72616e646f << 16 // "rando"
)

// Variations makes pictures similar to a given one. Without a run it synthesizes them from the
// patches of the picture; with one it searches for the code of the most similar sample, and
// interpolates from there part of the way to other samples.
type Variations struct {
	From       Model   `toml:"model" lead:"RUN" needs:"inverts" words:"patch" help:"run to draw with: its name, number or path; patch uses the picture's own patches, without training"`
	Picture    File    `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input; with a run, it is cropped and resized like the run's training pictures"`
	N          int     `min:"1" max:"4094" help:"number of variations: in one sheet with the picture first, or, without a run, as single files in a folder"`
	Strength   float64 `min:"0" max:"1" help:"strength, 0 to 1: 0 is the picture, or its reconstruction by the run"`
	Seed       uint64  `help:"seed of the first variation; the next ones count up from it"`
	Candidates int     `min:"1" max:"100000" help:"with a run: number of random samples; the search starts from the best"`
	Class      string  `names:"classes" help:"class to draw, for a class-conditional run; if empty, the one that fits the picture best"`
	As         string  `enum:"sheet,files" help:"sheet or files, without a run; if empty, by whether -o is a folder"`
	Format     string  `enum:"png,jpeg,webp" help:"png, jpeg, or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Variations) Example() string { return "hills.jpg -n 8 -o variations.png" }

// Check implements [Checker].
func (a Variations) Check(out Out) error {
	switch {
	case a.From != byPatches && a.As == files:
		return registry.Unfit("as", "want sheet: a run's variations are shown beside its reconstruction")
	case a.From == byPatches && a.Class != "":
		return registry.Unfit("class", "want a run with --model: a picture alone has no classes")
	case a.From == byPatches && a.gathered(out) && a.N > mostTogether:
		return registry.Unfit("n", fmt.Sprintf("want 1 to %d for a sheet, got %d", mostTogether, a.N))
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// restore implements [restorer]: older labels contain the picture as the run reads it.
func (a *Variations) restore(l provenance.Label) (err error) {
	if a.Picture.Given() {
		return nil
	}
	a.Picture.Name = "the picture in the label"
	if a.Picture.Bytes, err = base64.StdEncoding.DecodeString(l.Settings[givenSetting]); err != nil || len(a.Picture.Bytes) == 0 {
		return badinput.Errorf("the label does not contain the input picture")
	}
	return nil
}

// Run implements [App].
func (a Variations) Run(ctx context.Context, env *Env) error {
	var err error
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	if a.From == byPatches {
		return a.ofPatches(ctx, env)
	}
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	if err := r.CheckPictures(); err != nil {
		return err
	}
	given, err := r.Encode(a.Picture.Bytes)
	if err != nil {
		return badinput.Errorf("%s: %w", a.Picture.Name, err)
	}
	name := fmt.Sprintf("%s-%06d-variations", r.Dir.Name(), a.Seed)
	if _, rows := sheetRoom(r.Spec.Target(), a.Format); a.N+2 > rows*sheetRow {
		return unfitSheet("n", a.Format, rows*sheetRow-2, a.N)
	}
	if err := env.expect(name + extensions[a.Format][0]); err != nil {
		return err
	}
	found, err := a.find(ctx, env, r, given)
	if err != nil {
		return err
	}
	all, err := a.draw(ctx, r, given, found)
	if err != nil {
		return err
	}
	return env.emitSheet(a, r, all, sheetOf{
		name: name, perRow: sheetRow, format: a.Format, label: a.Class, seeds: run.Seeds(a.Seed, a.N),
	})
}

// find searches for the code, and reports how similar its sample is.
func (a *Variations) find(ctx context.Context, env *Env, r *run.Run, given *data.Batch) (*family.Inverse, error) {
	invert, err := r.Inverter()
	if err != nil {
		return nil, err
	}
	conditions, err := r.OfClass(a.Candidates, a.Class)
	if err != nil {
		return nil, err
	}
	found, err := invert(ctx, given, run.Seeds(candidateSeed, a.Candidates), conditions, env.progress)
	if err != nil {
		return nil, err
	}
	return found, a.report(ctx, env, r, given, found)
}

// report compares the sample found with the input, and with the best candidate and random samples.
func (a *Variations) report(ctx context.Context, env *Env, r *run.Run, given *data.Batch, found *family.Inverse) error {
	s, err := r.Steering()
	if err != nil {
		return err
	}
	conditions, err := r.OfClass(randomSamples, a.Class)
	if err != nil {
		return err
	}
	random, err := s.Codes(ctx, run.Seeds(randomSeed, randomSamples), conditions)
	if err != nil {
		return err
	}
	space, err := r.Space()
	if err != nil {
		return err
	}
	at, err := space.Embed(ctx, given.Column(data.Target))
	if err != nil {
		return err
	}
	for _, line := range []struct {
		what  string
		codes *data.Batch
	}{
		{fmt.Sprintf("the best of %d samples", a.Candidates), found.Start}, {"the encoder's code", found.Guess},
		{"the code found", found.Codes}, {"a random sample", random},
	} {
		if line.codes == nil {
			continue
		}
		c, err := drawnFrom(ctx, s, line.codes)
		if err != nil {
			return err
		}
		points, err := space.Embed(ctx, c)
		if err != nil {
			return err
		}
		env.say("%s: PSNR %.1f dB, distance %.3g in %s", line.what, psnr(c, given.Column(data.Target).Row(0)), meanDistance(points, at.Row(0)), space.Name())
	}
	return nil
}

// drawnFrom draws samples of all codes of a batch.
func drawnFrom(ctx context.Context, s *family.Steering, codes *data.Batch) (*data.Column, error) {
	all := &data.Column{}
	for sample, err := range s.Samples(ctx, codes) {
		if err != nil {
			return nil, err
		}
		c := sample.Column(data.Target)
		all.Field, all.Floats = c.Field, append(all.Floats, c.Floats...)
	}
	return all, nil
}

// psnr is the peak signal-to-noise ratio of the samples of a column to the input, in decibels.
func psnr(samples *data.Column, given []float32) float64 {
	sum := 0.
	for i, v := range samples.Floats {
		d := float64(v - given[i%len(given)])
		sum += float64(d * d)
	}
	span := float64(samples.Field.High - samples.Field.Low)
	return 10 * math.Log10(span*span*float64(len(samples.Floats))/sum)
}

func meanDistance(points feature.Points, from []float64) float64 {
	total := 0.
	for i := range points.N {
		total += floats.Distance(points.Row(i), from, 2)
	}
	return total / float64(points.N)
}

// draw draws the input, the sample found, and its variations, each part of the way to the sample of
// a seed.
func (a *Variations) draw(ctx context.Context, r *run.Run, given *data.Batch, found *family.Inverse) (*data.Column, error) {
	s, err := r.Steering()
	if err != nil {
		return nil, err
	}
	class := a.Class
	if labels := found.Codes.Column(data.Label); labels != nil {
		class = labels.Field.Classes[labels.Ints[0]]
	}
	conditions, err := r.OfClass(a.N, class)
	if err != nil {
		return nil, err
	}
	others, err := s.Codes(ctx, run.Seeds(a.Seed, a.N), conditions)
	if err != nil {
		return nil, err
	}
	all := &data.Column{Field: r.Spec.Target(), Floats: slices.Clone(given.Column(data.Target).Floats)}
	show := func(codes *data.Batch) error {
		c, err := drawnFrom(ctx, s, codes)
		if err == nil {
			all.Floats = append(all.Floats, c.Floats...)
		}
		return err
	}
	if err := show(found.Codes); err != nil {
		return nil, err
	}
	for i := range a.N {
		if err := show(s.Between(data.Joined(found.Codes, others.Rows(i, i+1)), 0, 1, []float64{a.Strength})); err != nil {
			return nil, err
		}
	}
	return all, nil
}
