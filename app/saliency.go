package app

import (
	"context"
	"image"
	"image/color"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/picture"
	"atelier/model/run"
)

func init() {
	Apps.Add("saliency", "show which pixels a discriminator's judgement depends on, beside the same with shuffled weights, and what removing them changes",
		func() App { return &Saliency{N: 8, Seed: 1, Measured: 64, Share: 0.05} })
}

// Saliency shows what the discriminator of a run looks at.
type Saliency struct {
	From     Model   `toml:"run" arg:"RUN" needs:"judges" help:"the run: its name, number or path"`
	N        int     `min:"1" max:"64" help:"number of samples shown"`
	Seed     uint64  `help:"seed of the first sample; later samples count up from it"`
	Class    string  `names:"classes" help:"class to generate, for a class-conditional run; if empty, any"`
	Measured int     `min:"8" max:"2000" help:"number of samples that are measured"`
	Share    float64 `min:"0.01" max:"0.5" help:"share of the pixels that are removed"`
}

// FoundSaliency is the result of [Saliency].
type FoundSaliency struct {
	Run string `json:"run"`
	// Removed is the mean absolute change of the logit when the most salient pixels are smoothed
	// away, Random that when as many random pixels are, and Ratio how many times Random it is.
	Removed float64 `json:"removed"`
	Random  float64 `json:"random"`
	Ratio   float64 `json:"ratio"`
	// Again is the mean rank correlation of maps with those of other noise, Shuffled with those of
	// shuffled weights: a map that shows what was learned changes with the weights.
	Again    float64 `json:"again"`
	Shuffled float64 `json:"shuffled"`
	Measured int     `json:"measured"`
}

// composes implements [composer].
func (a Saliency) composes() {}

// Example implements [App].
func (a Saliency) Example() string { return "0001-fashion -n 8 -o saliency.png" }

// Finds implements [Finder].
func (a Saliency) Finds() any { return &FoundSaliency{} }

// Check implements [Checker].
func (a Saliency) Check(out Out) error { return CheckPNG(out.File) }

// Run implements [App].
func (a Saliency) Run(ctx context.Context, env *Env) error {
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	if err := r.CheckPictures(); err != nil {
		return err
	}
	drawn := !env.Out.Unasked
	name := r.Dir.Name() + "-saliency.png"
	if drawn {
		if err := env.expect(name); err != nil {
			return err
		}
	}
	l, err := a.looking(ctx, r)
	if err != nil {
		return err
	}
	found, err := l.measure(ctx)
	if err != nil {
		return err
	}
	env.say("smoothing away the %.0f %% most salient pixels changes the logit by %.2f, as many random ones by %.2f: %.1f × as much, over %d samples",
		100*a.Share, found.Removed, found.Random, found.Ratio, found.Measured)
	env.say("rank correlation of the maps with those of other noise %.2f, with those of shuffled weights %.2f", found.Again, found.Shuffled)
	env.found(found)
	if !drawn {
		return nil
	}
	img, err := l.sheet()
	if err != nil {
		return err
	}
	file, err := encodePNG(img)
	if err != nil {
		return err
	}
	return env.emit(a, madeBy(r), data.Item{Name: name, MediaType: picture.PNG.MediaType(), Bytes: file}, run.Seeds(a.Seed, min(a.N, a.Measured)))
}

// sheet shows samples, their maps and those of shuffled weights, a row each.
func (l *looking) sheet() (*image.NRGBA, error) {
	n := min(l.N, l.samples.N)
	shown := data.Column{Field: l.target, Floats: l.samples.Column(data.Target).Floats[:n*l.target.Size()]}
	samples, err := codec.Sheet(&shown, n)
	if err != nil {
		return nil, err
	}
	rows := []*image.NRGBA{captioned(samples, l.run.Dir.Name()+": samples")}
	for _, m := range []struct {
		name string
		maps []float64
	}{{"what D's judgement depends on", l.maps}, {"the same with shuffled weights", l.shuffled}} {
		row, err := codec.Sheet(l.asPictures(m.maps, n), n)
		if err != nil {
			return nil, err
		}
		rows = append(rows, captioned(tinted(row), m.name))
	}
	return down(rows...), nil
}

// shownReach is how far the mean over neighbours reaches in a map that is shown.
const shownReach = 2

// asPictures are maps as grey pictures, each from its smallest to its largest value, after a mean over
// neighbours: the maps themselves are too grainy to be read.
func (l *looking) asPictures(maps []float64, n int) *data.Column {
	height, width := l.target.Shape[0], l.target.Shape[1]
	c := &data.Column{Field: data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{height, width, 1}, Low: 0, High: 1}}
	for i := range n {
		one := make([]float32, height*width)
		for k, v := range maps[i*height*width : (i+1)*height*width] {
			one[k] = float32(v)
		}
		smooth := slices.Clone(one)
		for place := range one {
			blur(smooth, one, []int{height, width, 1}, place, shownReach)
		}
		least, most := slices.Min(smooth), slices.Max(smooth)
		for _, v := range smooth {
			c.Floats = append(c.Floats, (v-least)/max(most-least, 1e-12))
		}
	}
	return c
}

// tinted colours a grey picture from black over red to yellow.
func tinted(img image.Image) *image.NRGBA {
	size := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, size.Dx(), size.Dy()))
	for y := range size.Dy() {
		for x := range size.Dx() {
			v := color.GrayModel.Convert(img.At(size.Min.X+x, size.Min.Y+y)).(color.Gray).Y
			out.SetNRGBA(x, y, color.NRGBA{uint8(min(255, 2*int(v))), uint8(max(0, 2*int(v)-255)), 0, 255})
		}
	}
	return out
}
