package app

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"math"
	"slices"

	scaling "golang.org/x/image/draw"

	"atelier/internal/badinput"
	"atelier/internal/memory"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/brought"
	"atelier/model/pixelnet"
)

func init() {
	Apps.Add("enlarge", "enlarge a picture 2, 3, 4 or 8 times, with a pretrained network (atelier weights), or without one by Lanczos",
		func() App { return &Enlarge{} })
}

// Names of what enlarges.
const (
	lanczosModel = "lanczos"
	esrganModel  = "esrgan-slim-%dx"
)

const (
	usualTimes  = 4
	mostWhole   = 1 << 17 // pixels of pictures that are enlarged as a whole
	tileSide    = 256
	lanczosSide = 512
	// lanczosLobes is how far the kernel reaches, in pixels.
	lanczosLobes = 3
)

// perEnlarged is the memory for a pixel of the result, in bytes: as a picture, and encoded twice.
const perEnlarged = 12

// Enlarge enlarges a picture.
type Enlarge struct {
	Picture File   `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Times   int    `min:"0" max:"16" help:"how many times as long the sides become: 2, 3, 4 or 8; 0 is that of the model, or 4"`
	Model   string `names:"weights" help:"name of an enlarging network's weights such as esrgan-slim-4x, or the path of their files, or lanczos for none; if empty, esrgan-slim if it was added, or else lanczos"`
	Format  string `enum:"png,jpeg,webp" help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Enlarge) Example() string { return "small.jpg --times 4 -o large.png" }

// Check implements [Checker].
func (a Enlarge) Check(out Out) error {
	if a.Times != 0 && !slices.Contains([]int{2, 3, 4, 8}, a.Times) && (a.Model == "" || a.Model == lanczosModel) {
		return registry.Unfit("times", fmt.Sprintf("want 2, 3, 4 or 8, got %d", a.Times))
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Enlarge) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	a.choose(env)
	larger := larger{side: lanczosSide, margin: lanczosLobes}
	if a.Model == lanczosModel {
		larger.times = a.Times
		larger.draw = func(img *image.NRGBA) (*image.NRGBA, error) { return lanczos(img, a.Times), nil }
	} else {
		r, err := env.network(a.Model, pixelnet.Enlarge)
		if err != nil {
			return err
		}
		if a.Times != 0 && a.Times != r.Scale {
			return badinput.Errorf("times: %s enlarges %d times, got %d", a.Model, r.Scale, a.Times)
		}
		a.Times = r.Scale
		larger.times, larger.side, larger.margin = r.Scale, tileSide, r.Margin
		larger.draw = func(img *image.NRGBA) (*image.NRGBA, error) { return byNetwork(r, img) }
	}
	if err := fitsEnlarged(g, a.Times, a.Format); err != nil {
		return err
	}
	name := g.name + "-enlarged" + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	out, err := larger.all(ctx, g.Pixels, env.progress)
	if err != nil {
		return err
	}
	return env.emitPicture(a, g, out, name, a.Format)
}

// choose names what enlarges, if it was left open, and says so.
func (a *Enlarge) choose(env *Env) {
	if a.Model == "" {
		times := a.Times
		if times == 0 {
			times = usualTimes
		}
		name := fmt.Sprintf(esrganModel, times)
		if a.Model = name; !slices.Contains(brought.NewStore(env.Studio.Home).Names(), name) {
			a.Model = lanczosModel
			env.say("enlarged by Lanczos, without a network, as the weights %s are not here: atelier weights add %s", name, name)
		} else {
			env.say("enlarged by %s", name)
		}
	}
	if a.Model == lanczosModel && a.Times == 0 {
		a.Times = usualTimes
	}
}

// fitsEnlarged rejects a result that is too large for its format or for the memory.
func fitsEnlarged(g *given, times int, format string) error {
	size := g.size().Mul(times)
	most := picture.Format(format).Most()
	switch {
	case max(size.X, size.Y) > most:
		return badinput.Errorf("times: %d×%d pixels are too many for %s, which has no more than %d on a side", size.X, size.Y, format, most)
	case size.X > picture.MaxPixels/size.Y:
		return badinput.Errorf("times: %d×%d pixels are too many; at most %d megapixels are made", size.X, size.Y, picture.MaxPixels>>20)
	}
	limit := memory.Most()
	fits := max(0, math.Floor((limit.Bytes-programRoom)/perEnlarged/1e5)/10)
	return limit.Check(fmt.Sprintf("times: a picture of %d×%d pixels", size.X, size.Y), programRoom+perEnlarged*float64(size.X*size.Y), fmt.Sprintf("up to about %.1f megapixels fit", fits))
}

// A larger enlarges pictures tile by tile.
type larger struct {
	times        int
	side, margin int // of tiles, and the pixels around them that make a difference
	draw         func(*image.NRGBA) (*image.NRGBA, error)
}

// all enlarges a picture. Tiles overlap by what makes a difference, so that there are no seams.
func (l *larger) all(ctx context.Context, img *image.NRGBA, progress func(done, total int)) (*image.NRGBA, error) {
	size := img.Rect.Size()
	if size.X*size.Y <= mostWhole {
		return l.draw(img)
	}
	out := image.NewNRGBA(image.Rectangle{Max: size.Mul(l.times)})
	core := l.side - 2*l.margin
	columns, rows := (size.X+core-1)/core, (size.Y+core-1)/core
	for t := range columns * rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		progress(t, columns*rows)
		inner := image.Rect(0, 0, core, core).Add(image.Pt(t%columns*core, t/columns*core)).Intersect(img.Rect)
		// All tiles are of one size: those at an edge reach further into the picture.
		from := image.Pt(max(0, min(inner.Min.X-l.margin, size.X-l.side)), max(0, min(inner.Min.Y-l.margin, size.Y-l.side)))
		tile := image.Rectangle{from, from.Add(image.Pt(l.side, l.side))}.Intersect(img.Rect)
		part := image.NewNRGBA(image.Rectangle{Max: tile.Size()})
		draw.Draw(part, part.Rect, img, tile.Min, draw.Src)
		drawn, err := l.draw(part)
		if err != nil {
			return nil, err
		}
		to := image.Rectangle{inner.Min.Mul(l.times), inner.Max.Mul(l.times)}
		draw.Draw(out, to, drawn, inner.Min.Sub(tile.Min).Mul(l.times), draw.Src)
	}
	return out, nil
}

// byNetwork enlarges the colours of a picture with a network, and its transparency by Lanczos.
func byNetwork(r *pixelnet.Runner, img *image.NRGBA) (*image.NRGBA, error) {
	p, err := r.Draw(planesOf(img, []int{0, 1, 2}, r.Range))
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(p.Values, func(v float32) bool { return v-v != 0 }) {
		return nil, errNotFinite
	}
	out := filledWith(namedColours["white"], image.Pt(p.Width, p.Height))
	if !img.Opaque() {
		out = lanczos(img, r.Scale)
	}
	toPicture(p, out, []int{0, 1, 2}, r.Range)
	return out, nil
}

// lanczos enlarges a picture by the kernel of Lanczos with three lobes (Turkowski 1990, "Filters for
// common resampling tasks").
func lanczos(img *image.NRGBA, times int) *image.NRGBA {
	kernel := scaling.Kernel{Support: lanczosLobes, At: func(t float64) float64 {
		if t == 0 {
			return 1
		}
		x := math.Pi * t
		return lanczosLobes * math.Sin(x) * math.Sin(x/lanczosLobes) / (x * x)
	}}
	out := image.NewNRGBA(image.Rectangle{Max: img.Rect.Size().Mul(times)})
	kernel.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out
}
