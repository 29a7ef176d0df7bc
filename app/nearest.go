package app

import (
	"context"
	"fmt"
	"image"
	"strconv"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/internal/registry"
)

func init() {
	Apps.Add("nearest", "look for copies: a run's best samples, each beside the training pictures that are nearest to it, in pixels and in the feature space of its scores",
		func() App { return &Nearest{N: 8, K: 5, Seed: 1} })
}

// The most rows and neighbours of a sheet.
const (
	mostRows       = 64
	mostNeighbours = 20
)

// Nearest shows samples beside the training pictures that are nearest to them.
type Nearest struct {
	From string `toml:"run" arg:"RUN" help:"the run: its name, number or path"`
	N    int    `help:"how many samples: the best of 256, by the run's own discriminator, or else by how deep they lie among training pictures"`
	K    int    `help:"how many training pictures beside each, in pixels and in the feature space"`
	Seed uint64 `help:"seed of the first sample that is drawn; the next ones count up from it"`

	file string // that it goes to
}

// Gather implements [Gatherer].
func (a *Nearest) Gather(file string) { a.file = file }

// Example implements [App].
func (a *Nearest) Example() string { return "0001-fashion -n 8 -k 5 -o nearest.png" }

// Check reports an input that is out of range.
func (a *Nearest) Check() error {
	switch {
	case a.N < 1 || a.N > mostRows:
		return registry.Unfit("n", fmt.Sprintf("want 1 to %d, got %d", mostRows, a.N))
	case a.K < 1 || a.K > mostNeighbours:
		return registry.Unfit("k", fmt.Sprintf("want 1 to %d, got %d", mostNeighbours, a.K))
	}
	return CheckPNG(a.file)
}

// Run implements [App].
func (a *Nearest) Run(ctx context.Context, env *Env) error {
	if err := a.Check(); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.Studio.Open(a.From)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-nearest.png", r.Dir.Name())
	if err := env.expect(name); err != nil {
		return err
	}
	found, err := r.Neighbours(ctx, a.Seed, a.N, a.K)
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
	file, err := encodePNG(captioned(across(blocks...), r.Dir.Name()+": the best by "+found.Chosen))
	if err != nil {
		return err
	}
	file, err = provenance.Write(file, provenance.Label{
		Run: r.Dir.Name(), Checkpoint: r.Hash, Seeds: found.Seeds, Version: env.Studio.Program, Engine: env.Studio.Engine,
		Settings: map[string]string{appSetting: "nearest", "n": strconv.Itoa(a.N), "k": strconv.Itoa(a.K), "seed": strconv.FormatUint(a.Seed, 10)},
	})
	if err != nil {
		return err
	}
	item := data.Item{Name: name, MediaType: picture.PNG.MediaType(), Bytes: file}
	item.Origin.Place = r.Dir.Name()
	return env.Emit(item)
}
