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
	"atelier/internal/durable"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/feature"
	"atelier/model/run"
)

const variationsApp = "variations"

func init() {
	Apps.Add(variationsApp, "draw near a given picture: a sheet of it, of what a trained run can draw that is nearest to it, and of variations of that",
		func() App {
			return &Variations{N: 14, Strength: 0.2, Seed: 1, Candidates: 1024}
		})
}

const (
	mostCandidates = 100_000
	mostPicture    = 64 << 20 // bytes of a file
	givenSetting   = "given"  // the picture as the run reads it, a PNG in base64
	randomSamples  = 48       // that what was found is compared with
)

// The seeds of candidates and of samples to compare with, away from those that people
// name.
const (
	candidateSeed = 0x7661726961 << 16 // "varia"
	randomSeed    = 0x72616e646f << 16 // "rando"
)

// Variations looks for the code from which a run draws what is nearest to a picture,
// and walks from there some of the way to other samples.
type Variations struct {
	From       string  `toml:"run" arg:"RUN" help:"the run: its name, number or path"`
	Picture    string  `arg:"PICTURE" help:"the picture's file; it is cropped and resized as those were that the run learned from"`
	N          int     `help:"how many variations"`
	Strength   float64 `help:"how far they are, 0 to 1: 0 is what was found for the picture, 1 any sample"`
	Seed       uint64  `help:"seed of the first variation; the next ones count up from it"`
	Candidates int     `help:"random samples from the best of which the search starts"`
	Class      string  `help:"class to draw, of a run that was trained by class; whichever suits if empty"`
	Format     string  `help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`

	file  string // that it goes to
	given []byte // the picture's file, where there is no path
}

// Example implements [App].
func (a *Variations) Example() string { return "0001-fashion shoe.png --strength 0.2 -o shoes.png" }

func (a *Variations) name() string { return variationsApp }

// Gather implements [Gatherer].
func (a *Variations) Gather(file string) { a.file = file }

// Check reports an input that is out of range.
func (a *Variations) Check() error {
	switch {
	case a.N < 1 || a.N > mostSheet-2:
		return registry.Unfit("n", fmt.Sprintf("want 1 to %d, got %d", mostSheet-2, a.N))
	case !(a.Strength >= 0 && a.Strength <= 1):
		return registry.Unfit("strength", fmt.Sprintf("want 0 to 1, got %g", a.Strength))
	case a.Candidates < 1 || a.Candidates > mostCandidates:
		return registry.Unfit("candidates", fmt.Sprintf("want 1 to %d, got %d", mostCandidates, a.Candidates))
	}
	_, err := formatFor(a.Format, a.file, stillFormats)
	return err
}

// restore implements [restorer].
func (a *Variations) restore(l provenance.Label) (err error) {
	if a.given, err = base64.StdEncoding.DecodeString(l.Settings[givenSetting]); err != nil || len(a.given) == 0 {
		return badinput.Errorf("the label does not hold the picture that was given")
	}
	return nil
}

// read returns the picture's file.
func (a *Variations) read() ([]byte, error) {
	if a.given != nil {
		return a.given, nil
	}
	file, err := durable.ReadFile(a.Picture, mostPicture)
	return file, badinput.Mark(err)
}

// Run implements [App].
func (a *Variations) Run(ctx context.Context, env *Env) error {
	if err := a.Check(); err != nil {
		return badinput.Mark(err)
	}
	var err error
	if a.Format, err = formatFor(a.Format, a.file, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	file, err := a.read()
	if err != nil {
		return err
	}
	r, err := env.Studio.Open(a.From)
	if err != nil {
		return err
	}
	given, err := r.Encode(file)
	if err != nil {
		return badinput.Errorf("%s: %w", a.Picture, err)
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
	label, err := base64PNG(r, given)
	if err != nil {
		return err
	}
	return env.emitSheet(a, r, all, sheetOf{
		name: name, perRow: sheetRow, format: a.Format, label: a.Class,
		seeds: run.Seeds(a.Seed, a.N), more: map[string]string{givenSetting: label},
	})
}

// base64PNG is a picture as the run reads it, from which the run reads the same again.
func base64PNG(r *run.Run, given *data.Batch) (string, error) {
	item, err := r.Decode(given)
	return base64.StdEncoding.EncodeToString(item.Bytes), err
}

// find looks for the code, and says how near it is.
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

// report says how near what was found is to what was given, beside the best candidate
// and samples at random.
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
		{fmt.Sprintf("the best of %d samples", a.Candidates), found.Start}, {"what the encoder found", found.Guess},
		{"what was found", found.Codes}, {"a sample at random", random},
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

// drawnFrom draws a column of all codes of a batch.
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

// psnr is the ratio of the square of the range to the mean squared difference of the
// samples of a column from the one that was given, in decibels.
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

// draw draws what is shown: what was given, what was found, and variations of it, each
// some of the way to the sample of a seed.
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
