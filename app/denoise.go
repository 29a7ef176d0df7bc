package app

import (
	"context"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/pixelnet"
)

func init() {
	Apps.Add("denoise", "denoise a picture with a pretrained network, see atelier weights",
		func() App { return &Denoise{Model: "dncnn-25", Strength: 1} })
}

// Denoise takes the noise out of a picture.
type Denoise struct {
	Picture  File    `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Model    string  `names:"weights" help:"name of the network's weights, or the path of their files"`
	Strength float64 `min:"0" max:"1" help:"how much of what was found to be noise is taken out"`
	Format   string  `enum:"png,jpeg,webp" help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Denoise) Example() string { return "noisy.png --model dncnn-25 -o clean.png" }

// Check implements [Checker].
func (a Denoise) Check(out Out) error {
	if a.Model == "" {
		return registry.Unfit("model", "want the name of weights, such as dncnn-25")
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Denoise) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	r, err := env.network(a.Model, pixelnet.Denoise)
	if err != nil {
		return err
	}
	name := g.name + "-denoised" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	out, err := redrawn(ctx, r, g.Pixels, env.progress)
	if err != nil {
		return err
	}
	return env.emitPicture(a, g, between(g.Pixels, out, a.Strength), name, a.Format)
}
