package app

import (
	"context"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/provenance"
	"atelier/internal/registry"
	"atelier/model/blend"
	"atelier/model/patch"
	"atelier/model/pixelnet"
	"atelier/model/run"
)

func init() {
	Apps.Add("stylize", "paint a picture like another one with its patches, or with a style network, pretrained or trained by the recipe style",
		func() App { return &Stylize{By: noRun, Strength: 0.5, Colours: coloursStyle, Seed: 1} })
}

// Whose colours a stylized picture has.
const (
	coloursStyle = "style"
	coloursKept  = "kept"
)

// noRun says that no run paints.
const noRun = "none"

// mostStyles is how many pictures a style is taken from.
const mostStyles = 4

// Stylize paints a picture in a style.
type Stylize struct {
	Picture  File    `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Like     Files   `accept:"image/*" help:"picture in whose style it is painted; several are blended"`
	Model    string  `names:"weights" help:"name of a style network's weights such as style-wave, or the path of their files; instead of --like"`
	By       Model   `toml:"run" needs:"paints" words:"none" help:"run of the recipe style: its name, number or path; instead of --like, or none"`
	Blend    Strings `help:"with --model or --run: run or weights of another style, whose painting is mixed with theirs in equal shares; several"`
	Strength float64 `min:"0" max:"1" help:"how far it goes: with --like, how coarse the forms are that change; with --model and --run, how much of the painting is mixed with the picture"`
	Colours  string  `enum:"style,kept" help:"colours of the style, or those of the picture kept"`
	Seed     uint64  `help:"random seed of the search for patches"`
	Format   string  `enum:"png,jpeg,webp" help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Stylize) Example() string { return "photo.jpg --like painting.jpg -o painted.png" }

// Check implements [Checker].
func (a Stylize) Check(out Out) error {
	networks := len(a.networks())
	switch n := len(a.Like); {
	case networks > 0 && a.Model == "" && a.By == noRun:
		return registry.Unfit("blend", "want --model or --run with it")
	case networks == 0 && n == 0:
		return registry.Unfit("like", "want a style: --like PICTURE, --model NAME or --run RUN")
	case networks > 0 && n > 0:
		return registry.Unfit("like", "want either pictures or networks, --model and --run, not both")
	case networks > mostStyles:
		return registry.Unfit("blend", "want at most 4 styles")
	case n > mostStyles:
		return registry.Unfit("like", "want at most 4 pictures")
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// source implements [sourced]: what a network painted was generated.
func (a Stylize) source(*Maker) provenance.Source {
	if len(a.networks()) > 0 {
		return provenance.Generated
	}
	return provenance.Enhanced
}

// networks are those that paint, by their names.
func (a Stylize) networks() (names []string) {
	if a.By != noRun && a.By != "" {
		names = append(names, string(a.By))
	}
	if a.Model != "" {
		names = append(names, a.Model)
	}
	return append(names, a.Blend...)
}

// Run implements [App].
func (a Stylize) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	name := g.name + "-stylized" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	var by *Maker
	var out *image.NRGBA
	if len(a.networks()) > 0 {
		out, by, err = a.byNetworks(ctx, env, g)
	} else {
		out, err = a.byPatches(ctx, env, g)
	}
	if err != nil {
		return err
	}
	if a.Colours == coloursKept {
		out = blend.Chroma(out, g.Pixels)
	}
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = g.Pixels.Pix[i]
	}
	return env.emitPictureBy(a, by, g, out, name, a.Format)
}

// byNetworks takes the mean of what all networks paint. The first run is what made it.
func (a Stylize) byNetworks(ctx context.Context, env *Env, g *given) (sum *image.NRGBA, by *Maker, err error) {
	names := a.networks()
	for i, name := range names {
		var r *pixelnet.Runner
		isRun := i == 0 && a.By != noRun
		if !isRun && name != a.Model {
			_, err := run.OpenDir(env.Studio.Runs, name)
			isRun = err == nil
		}
		if isRun {
			opened, err := env.open(Model(name))
			if err != nil {
				return nil, nil, err
			}
			if r, err = env.painter(opened); err != nil {
				return nil, nil, err
			}
			if made := madeBy(opened); i == 0 {
				by = made
			} else {
				env.used(made.Name, made.Hash)
			}
		} else if r, err = env.network(name, pixelnet.Stylize); err != nil {
			return nil, nil, err
		}
		if size := g.size(); size.X*size.Y > r.Whole && i == 0 {
			env.say("%s is painted in tiles, with the statistics of a reduced copy", g.file)
		}
		out, err := redrawn(ctx, r, g.Pixels, func(done, total int) { env.progress(i*total+done, len(names)*total) })
		if err != nil {
			return nil, nil, err
		}
		if sum == nil {
			sum = out
			continue
		}
		sum = between(sum, out, 1/float64(i+1))
	}
	return between(g.Pixels, sum, a.Strength), by, nil
}

// byPatches takes the patches of the styles, which lie side by side as one picture, as high as
// the content.
func (a Stylize) byPatches(ctx context.Context, env *Env, g *given) (*image.NRGBA, error) {
	size := g.size()
	if err := g.roomFor("picture", size, a.Format); err != nil {
		return nil, err
	}
	var styles []*image.NRGBA
	width := 0
	for _, f := range a.Like {
		s, err := openGiven(env, f)
		if err != nil {
			return nil, err
		}
		to := s.size()
		height := max(patch.LeastSide, min(size.X, size.Y))
		to = image.Pt(max(patch.LeastSide, min(to.X*height/max(to.Y, 1), 4*height)), height)
		styles = append(styles, resized(s.Pixels, to))
		width += to.X
	}
	style := image.NewNRGBA(image.Rect(0, 0, width, styles[0].Rect.Dy()))
	x := 0
	for _, s := range styles {
		style = over(style, s, image.Pt(x, 0))
		x += s.Rect.Dx()
	}
	if err := affordable("a style of so many pixels", style.Rect.Dx()*style.Rect.Dy()); err != nil {
		return nil, err
	}
	m, err := env.matcher()
	if err != nil {
		return nil, err
	}
	env.slow(size.X*size.Y, growTime)
	out, err := patch.Restyle(ctx, m, blend.Recolour(g.Pixels, style), style, patch.Restyling{Seed: a.Seed, Strength: a.Strength}, env.progress)
	if err != nil {
		return nil, err
	}
	return blend.Recolour(out, style), nil // votes are means, which are duller
}

// between is a share of the way from one picture to another.
func between(from, to *image.NRGBA, share float64) *image.NRGBA {
	if share == 1 {
		return to
	}
	out := &image.NRGBA{Pix: make([]uint8, len(to.Pix)), Stride: to.Stride, Rect: to.Rect}
	for i, v := range to.Pix {
		f := float64(from.Pix[i])
		out.Pix[i] = uint8(f + share*(float64(v)-f) + 0.5)
	}
	return out
}
