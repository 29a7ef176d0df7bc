package app

import (
	"cmp"
	"context"
	"fmt"
	"image"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/run"
)

func init() {
	Apps.Add("nearest", "check for copies of training data: a run's best samples, or those of some seeds, each beside its nearest training pictures, in pixels and in the feature space of the scores",
		func() App { return &Nearest{K: 5, Seed: 1, Truncation: 1} })
}

// Nearest shows samples beside their nearest training pictures.
type Nearest struct {
	From Model  `toml:"run" arg:"RUN" needs:"pictures" help:"the run: its name, number or path"`
	N    int    `min:"1" max:"64" zero:"unset" help:"number of samples that differ from each other, among the best 64 of 256 by the density of training pictures around them (realism); if not given 8"`
	K    int    `min:"1" max:"20" help:"number of nearest training pictures of each sample, in pixels and in the feature space"`
	Seed uint64 `help:"seed of the first sample; later samples count up from it"`

	Seeds      []uint64 `max:"64" help:"seeds of the samples to look at, instead of the best"`
	Class      string   `names:"classes" help:"class of the samples of these seeds, for a class-conditional run; if empty, any"`
	Truncation float64  `min:"0" max:"1" help:"truncation psi of the samples of these seeds, 0 to 1"`
}

// usualNearest is the number of samples if none is given.
const usualNearest = 8

// composes implements [composer]: the sheet also shows training pictures.
func (a Nearest) composes() {}

// Example implements [App].
func (a Nearest) Example() string { return "0001-fashion -n 8 -k 5 -o nearest.png" }

// Check implements [Checker].
func (a Nearest) Check(out Out) error {
	switch {
	case len(a.Seeds) > 0 && a.N > 0:
		return registry.Unfit("n", "want a number of samples or their seeds, not both")
	case len(a.Seeds) > 0:
	case a.Class != "":
		return registry.Unfit("class", "want the seeds of the samples with it")
	case a.Truncation != 1:
		return registry.Unfit("truncation", "want the seeds of the samples with it")
	}
	return CheckPNG(out.File)
}

// Run implements [App].
func (a Nearest) Run(ctx context.Context, env *Env) error {
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-nearest.png", r.Dir.Name())
	if err := env.expect(name); err != nil {
		return err
	}
	found, err := a.neighbours(ctx, r)
	if err != nil {
		return err
	}
	samples, err := codec.Sheet(&found.Samples, 1)
	if err != nil {
		return err
	}
	blocks := []*image.NRGBA{captioned(samples, "sample")}
	for _, b := range found.Beside {
		sheet, err := codec.Sheet(&b.Pictures, a.K)
		if err != nil {
			return err
		}
		blocks = append(blocks, captioned(sheet, "nearest in "+b.Space))
	}
	file, err := encodePNG(captioned(across(blocks...), r.Dir.Name()+": "+found.Chosen))
	if err != nil {
		return err
	}
	return env.emit(a, madeBy(r), data.Item{Name: name, MediaType: picture.PNG.MediaType(), Bytes: file}, found.Seeds)
}

// neighbours finds the training pictures.
func (a Nearest) neighbours(ctx context.Context, r *run.Run) (*run.Neighbours, error) {
	if len(a.Seeds) == 0 {
		return r.Neighbours(ctx, a.Seed, cmp.Or(a.N, usualNearest), a.K)
	}
	conditions, err := r.OfClass(len(a.Seeds), a.Class)
	if err != nil {
		return nil, err
	}
	return r.NeighboursOf(ctx, a.Seeds, conditions, a.Truncation, a.K)
}
