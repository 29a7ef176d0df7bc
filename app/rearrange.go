package app

import (
	"context"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/patch"
)

func init() {
	Apps.Add("rearrange", "move a part of a picture to another place and fill its old place; needs no training",
		func() App { return &Rearrange{N: 1, Seed: 1, Finish: string(patch.Natural)} })
}

// Rearrange moves a part of a picture.
type Rearrange struct {
	Picture File   `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Move    string `help:"the part as left,top,width,height in pixels, a colon, and the left,top that it goes to"`
	Finish  string `enum:"natural,smooth,crisp" help:"how copied pixels are blended: natural (matched to their surroundings), smooth (across edges, too) or crisp (unchanged)"`
	N       int    `min:"1" max:"64" help:"number of alternatives to choose from; several go to a folder"`
	Seed    uint64 `help:"seed of the first; the next ones count up from it"`
	Format  string `enum:"png,jpeg,webp" help:"png, jpeg, or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Rearrange) Example() string { return "photo.jpg --move 40,60,80,120:220,60 -o moved.png" }

// Check implements [Checker].
func (a Rearrange) Check(out Out) error {
	if a.Move == "" {
		return registry.Unfit("move", "want the part and where it goes, such as 40,30,100,80:200,30")
	}
	if _, _, err := parseMove("move", a.Move); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Rearrange) Run(ctx context.Context, env *Env) error {
	format, err := formatFor(a.Format, env.Out.File, stillFormats)
	if err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	part, to, err := parseMove("move", a.Move)
	if err != nil {
		return err
	}
	if err := g.within("move", part); err != nil {
		return err
	}
	if err := g.within("move", image.Rectangle{Max: part.Size()}.Add(to)); err != nil {
		return err
	}
	if to == part.Min {
		return badinput.Errorf("move: the part is to go to where it is")
	}
	canvas, hole, barred := patch.Moved(g.Pixels, part, to)
	alone := func(seed uint64) App { one := a; one.N, one.Seed, one.Format = 1, seed, format; return one }
	return env.several(ctx, g, "rearranged", format, a.Seed, a.N, alone, func(seed uint64, progress func(done, total int)) (*image.NRGBA, error) {
		return env.fill(ctx, canvas, hole, patch.Filling{Seed: seed, Finish: patch.Finish(a.Finish), Barred: barred}, progress)
	})
}
