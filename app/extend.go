package app

import (
	"context"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/patch"
)

func init() {
	Apps.Add("extend", "extend a picture beyond its edges with its own patches; needs no training",
		func() App { return &Extend{N: 1, Seed: 1, Finish: string(patch.Natural)} })
}

// Extend enlarges a picture by plausible surroundings.
type Extend struct {
	Picture File   `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Left    int    `min:"0" max:"16384" help:"pixels to add at the left"`
	Right   int    `min:"0" max:"16384" help:"pixels to add at the right"`
	Top     int    `min:"0" max:"16384" help:"pixels to add above"`
	Bottom  int    `min:"0" max:"16384" help:"pixels to add below"`
	Finish  string `enum:"natural,smooth,crisp" help:"how copied pixels are blended: natural (matched to their surroundings), smooth (across edges, too) or crisp (unchanged)"`
	N       int    `min:"1" max:"64" help:"number of alternatives to choose from; several go to a folder"`
	Seed    uint64 `help:"seed of the first; the next ones count up from it"`
	Format  string `enum:"png,jpeg,webp" help:"png, jpeg, or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Extend) Example() string { return "photo.jpg --left 200 --right 200 -o wide.png" }

// Check implements [Checker].
func (a Extend) Check(out Out) error {
	if a.Left+a.Right+a.Top+a.Bottom == 0 {
		return registry.Unfit("left", "want pixels to add on at least one side: --left, --right, --top or --bottom")
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Extend) Run(ctx context.Context, env *Env) error {
	format, err := formatFor(a.Format, env.Out.File, stillFormats)
	if err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	size := g.size().Add(image.Pt(a.Left+a.Right, a.Top+a.Bottom))
	if err := g.roomFor("left, right, top and bottom", size, format); err != nil {
		return err
	}
	canvas, hole := patch.Extended(g.Pixels, size, image.Pt(a.Left, a.Top))
	alone := func(seed uint64) App { one := a; one.N, one.Seed, one.Format = 1, seed, format; return one }
	return env.several(ctx, g, "extended", format, a.Seed, a.N, alone, func(seed uint64, progress func(done, total int)) (*image.NRGBA, error) {
		return env.fill(ctx, canvas, hole, patch.Filling{Seed: seed, Finish: patch.Finish(a.Finish), Started: true}, progress)
	})
}
