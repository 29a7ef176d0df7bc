package app

import (
	"context"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/patch"
)

func init() {
	Apps.Add("retarget", "change a picture's aspect ratio without stretching its contents; needs no training",
		func() App { return &Retarget{Seed: 1} })
}

// Retarget gives a picture another shape.
type Retarget struct {
	Picture File   `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Size    string `help:"width and height in pixels, such as 800x400"`
	Seed    uint64 `help:"random seed; another may cut less"`
	Format  string `enum:"png,jpeg,webp" help:"png, jpeg, or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Retarget) Example() string { return "photo.jpg --size 800x400 -o wide.png" }

// Check implements [Checker].
func (a Retarget) Check(out Out) error {
	if a.Size == "" {
		return registry.Unfit("size", "want width and height in pixels, such as 800x400")
	}
	if _, err := parseSize("size", a.Size); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Retarget) Run(ctx context.Context, env *Env) error {
	size, err := parseSize("size", a.Size)
	if err != nil {
		return err
	}
	return env.remade(ctx, &a.Format, a.Picture, "retargeted", size, a.Seed,
		func() App { return a },
		func(m patch.Matcher, img *image.NRGBA) (*image.NRGBA, error) {
			return patch.Retarget(ctx, m, img, size, a.Seed, env.progress)
		})
}

// remade synthesizes a picture of another size from the patches of the input.
func (e *Env) remade(ctx context.Context, format *string, f File, name string, size image.Point, seed uint64, request func() App, draw func(patch.Matcher, *image.NRGBA) (*image.NRGBA, error)) (err error) {
	if *format, err = formatFor(*format, e.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(e, f)
	if err != nil {
		return err
	}
	if err := g.roomFor("size", size, *format); err != nil {
		return err
	}
	m, err := e.matcher()
	if err != nil {
		return err
	}
	e.slow(size.X*size.Y, growTime)
	return e.several(ctx, g, name, *format, seed, 1, func(uint64) App { return request() },
		func(uint64, func(done, total int)) (*image.NRGBA, error) { return draw(m, g.Pixels) })
}
