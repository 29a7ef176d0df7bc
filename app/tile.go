package app

import (
	"context"
	"image"

	"atelier/model/patch"
)

func init() {
	Apps.Add("tile", "make a seamless tile from a picture; needs no training",
		func() App { return &Tile{Seed: 1, Size: "512"} })
}

// Tile makes a seamless texture.
type Tile struct {
	Picture File   `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Size    string `help:"size of the tile in pixels, such as 512 or 512x256"`
	Seed    uint64 `help:"random seed"`
	Format  string `enum:"png,jpeg,webp" help:"png, jpeg, or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Tile) Example() string { return "bark.jpg --size 512 -o bark-tile.png" }

// Check implements [Checker].
func (a Tile) Check(out Out) error {
	if _, err := parseSize("size", a.Size); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Tile) Run(ctx context.Context, env *Env) error {
	size, err := parseSize("size", a.Size)
	if err != nil {
		return err
	}
	return env.remade(ctx, &a.Format, a.Picture, "tile", size, a.Seed,
		func() App { return a },
		func(m patch.Matcher, img *image.NRGBA) (*image.NRGBA, error) {
			return patch.Tile(ctx, m, img, size, a.Seed, env.progress)
		})
}
