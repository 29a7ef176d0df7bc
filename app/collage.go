package app

import (
	"context"
	"fmt"
	"image"
	"image/color"

	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/blend"
)

func init() {
	Apps.Add("collage", "lay pictures on one another: moved, turned, faded, masked, or cloned without a seam",
		func() App { return &Collage{} })
}

// Collage lays pictures on one another.
type Collage struct {
	Picture File    `arg:"PICTURE" accept:"image/*" or:"colour" help:"what is at the bottom: a picture file, or a colour such as white with --size"`
	Layer   Files   `accept:"image/*" help:"picture file to be laid on it; several, from the bottom up"`
	Place   Strings `help:"how the next layer lies, such as x=40,y=20,scale=0.5,rotate=15,opacity=0.8,blend=seamless,mask=m.png,harmonise=0.5,order=2"`
	Mask    Files   `accept:"image/*" help:"mask file that a layer names: white where the layer is; of the same size as it"`
	Plan    File    `help:"TOML file with one [[layer]] for each layer: file and the settings of --place; instead of --place"`
	Size    string  `help:"width and height in pixels, such as 800x600; if empty, those of the picture"`
	Format  string  `enum:"png,jpeg,webp" help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Collage) Example() string {
	return "hills.jpg --layer subject.png --place x=120,y=80,blend=seamless -o together.png"
}

// Check implements [Checker].
func (a Collage) Check(out Out) error {
	switch {
	case len(a.Layer) == 0:
		return registry.Unfit("layer", "want at least one picture to lay on the other: --layer FILE")
	case len(a.Place) > len(a.Layer):
		return registry.Unfit("place", fmt.Sprintf("want at most one a layer, of which there are %d, got %d", len(a.Layer), len(a.Place)))
	case a.Plan.Given() && len(a.Place) > 0:
		return registry.Unfit("plan", "it says how layers lie: want it without place")
	}
	if a.Size != "" {
		if size, err := parseSize("size", a.Size); err != nil {
			return err
		} else if size.X > picture.MaxPixels/size.Y {
			return registry.Unfit("size", fmt.Sprintf("want at most %d megapixels, got %d×%d", picture.MaxPixels>>20, size.X, size.Y))
		}
	}
	if layers, err := a.layers(); a.Plan.Bytes != nil || !a.Plan.Given() {
		if err == nil {
			err = a.unused(layers)
		}
		if err != nil {
			return err
		}
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Collage) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	layers, err := a.layers()
	if err != nil {
		return err
	}
	g, err := a.bottom(env)
	if err != nil {
		return err
	}
	size := g.size()
	if most := picture.Format(a.Format).Most(); max(size.X, size.Y) > most {
		return badinput.Errorf("size: %d×%d pixels are too many for %s, which has no more than %d on a side", size.X, size.Y, a.Format, most)
	}
	if err := affordable(fmt.Sprintf("a collage of %d×%d pixels", size.X, size.Y), size.X*size.Y); err != nil {
		return err
	}
	name := g.name + "-collage" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	canvas := filledWith(color.NRGBA{}, size)
	copy(canvas.Pix, g.Pixels.Pix)
	for i, l := range layers {
		if canvas, err = a.lay(ctx, env, canvas, l); err != nil {
			return err
		}
		env.progress(i+1, len(layers))
	}
	return env.emitPicture(a, g, canvas, name, a.Format)
}

// bottom is what all layers lie on.
func (a Collage) bottom(env *Env) (*given, error) {
	size := image.Point{}
	if a.Size != "" {
		var err error
		if size, err = parseSize("size", a.Size); err != nil {
			return nil, err
		}
	}
	if a.Picture.Bytes != nil {
		g, err := openGiven(env, a.Picture)
		if err == nil && a.Size != "" {
			g.Pixels = covering(g.Pixels, size)
		}
		return g, err
	}
	if a.Size == "" {
		return nil, badinput.Errorf("size: want width and height with a colour, such as --size 800x600")
	}
	c, err := parseColour("picture", a.Picture.Name)
	return &given{&picture.Whole{Pixels: filledWith(c, size)}, a.Picture.Name, "colour"}, err
}

// lay lays one layer on what is there already.
func (a Collage) lay(ctx context.Context, env *Env, canvas *image.NRGBA, l layer) (*image.NRGBA, error) {
	g, err := openGiven(env, a.Layer[l.index])
	if err != nil {
		return nil, err
	}
	if l.Mask != "" {
		if err := a.masked(env, g, l.Mask); err != nil {
			return nil, err
		}
	}
	above, err := l.placed(g.Pixels, canvas.Rect)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", g.file, err)
	}
	if above == nil {
		env.say("%s lies outside of the picture: nothing of it is seen", g.file)
		return canvas, nil
	}
	if l.Harmonise > 0 {
		above = blend.Harmonise(canvas, above, l.Harmonise)
	}
	if l.Blend == blendOver {
		fade(above, l.Opacity)
		return over(canvas, above, image.Point{}), nil
	}
	cloned, err := blend.Clone(ctx, canvas, above, blend.Mix(l.Blend))
	if err != nil || l.Opacity == 1 {
		return cloned, err
	}
	fade(cloned, l.Opacity)
	return over(canvas, cloned, image.Point{}), nil
}

// fade makes a picture more transparent.
func fade(img *image.NRGBA, opacity float64) {
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = uint8(float64(img.Pix[i])*opacity + 0.5)
	}
}

// masked makes a layer transparent where its mask is dark.
func (a Collage) masked(env *Env, g *given, name string) error {
	f, ok := fileNamed(a.Mask, name)
	if !ok {
		return badinput.Errorf("mask: want the file %s as well: --mask %s", name, name)
	}
	m, err := sameSize(env, f, g)
	if err != nil {
		return err
	}
	for i := 0; i < len(g.Pixels.Pix); i += 4 {
		g.Pixels.Pix[i+3] = uint8(int(g.Pixels.Pix[i+3]) * lightness(m.Pixels.Pix[i:]) * int(m.Pixels.Pix[i+3]) / (255 * 255))
	}
	return nil
}
