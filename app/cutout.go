package app

import (
	"context"
	"errors"
	"fmt"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/cutout"
)

func init() {
	Apps.Add("cutout", "cut a subject out of a picture, by a box, marks, a trimap, or a network that finds people; needs no training",
		func() App { return &Cutout{Edge: 3, As: asSubject} })
}

// What is made of a subject.
const (
	asSubject = "subject"
	asAlpha   = "alpha"
	asTrimap  = "trimap"
)

// Cutout cuts a subject out of a picture.
type Cutout struct {
	Picture    File     `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Box        []string `help:"box around the subject as left,top,width,height in pixels"`
	Keep       []string `help:"box that is all subject; several, one after the other"`
	Drop       []string `help:"box that is all background; several, one after the other"`
	Marks      File     `accept:"image/*" help:"picture of the same size with strokes: green or white on the subject, red or black on the background, all else transparent or grey"`
	Trimap     File     `accept:"image/*" help:"picture of the same size: white where the subject is, black where it is not, grey where its edge is looked for"`
	Model      string   `names:"weights" help:"name of the weights of a network that finds people, such as selfie, or the path of their file; instead of boxes, marks or a trimap"`
	Edge       int      `min:"0" max:"64" help:"pixels on both sides of the edge in which transparency is looked for; 0 cuts hard; hair wants more, or a trimap"`
	Background File     `accept:"image/*" or:"colour" help:"what to lay the subject on: a picture file or a colour such as #3366cc; if empty, nothing"`
	Crop       bool     `help:"crop to the subject"`
	As         string   `enum:"subject,alpha,trimap" help:"what to make: subject, its alpha as a grey picture, or the trimap that was used, to be corrected by hand"`
	Format     string   `enum:"png,jpeg,webp" help:"png, jpeg, or webp without loss; if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Cutout) Example() string { return "photo.jpg --box 60,40,200,300 -o subject.png" }

// Check implements [Checker].
func (a Cutout) Check(out Out) error {
	for input, words := range map[string][]string{"box": a.Box, "keep": a.Keep, "drop": a.Drop} {
		if _, err := parseBoxes(input, words); err != nil {
			return err
		}
	}
	marked := len(a.Box)+len(a.Keep) > 0 || a.Marks.Given()
	if err := a.checkModel(marked); err != nil {
		return err
	}
	if err := a.checkOverlap(); err != nil {
		return err
	}
	switch {
	case !marked && !a.Trimap.Given() && a.Model == "":
		return registry.Unfit("box", "want to know where the subject is: --box left,top,width,height, --keep, --marks, --trimap or --model")
	case a.Trimap.Given() && (marked || len(a.Drop) > 0):
		return registry.Unfit("trimap", "it says all there is to say: want it without box, keep, drop and marks")
	case a.Background.Given() && a.As != asSubject:
		return registry.Unfit("background", "want it for --as subject only")
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// Run implements [App].
func (a Cutout) Run(ctx context.Context, env *Env) (err error) {
	if a.Format, err = formatFor(a.Format, env.Out.File, stillFormats); err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	behind, err := a.behind(env, g.size())
	if err != nil {
		return err
	}
	name := g.name + "-" + a.As + extensions[a.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	find := a.trimap
	if a.Model != "" {
		find = a.found
	}
	trimap, err := find(ctx, env, g)
	if err != nil {
		return a.oneSided(err)
	}
	if a.As == asTrimap {
		return env.emitPicture(a, g, greys(trimap, g.size()), name, a.Format)
	}
	if err := affordable("an edge of so many pixels", g.size().X*g.size().Y+2*unknownOf(trimap)); err != nil {
		return err
	}
	alpha, err := cutout.Matte(ctx, g.Pixels, trimap, env.progress)
	if err != nil {
		return a.oneSided(err)
	}
	for i := range alpha { // what is transparent already
		alpha[i] *= float64(g.Pixels.Pix[4*i+3]) / 255
	}
	img := a.finished(g.Pixels, alpha, behind)
	if a.Crop {
		if img, err = cropped(img, alpha); err != nil {
			return err
		}
	}
	return env.emitPicture(a, g, img, name, a.Format)
}

// finished is the picture to be made.
func (a Cutout) finished(img *image.NRGBA, alpha []float64, behind *image.NRGBA) *image.NRGBA {
	if a.As == asAlpha {
		levels := make([]uint8, len(alpha))
		for i, v := range alpha {
			levels[i] = uint8(v*255 + 0.5)
		}
		return greys(levels, img.Rect.Size())
	}
	subject := cutout.Foreground(img, alpha)
	if behind == nil {
		return subject
	}
	return over(behind, subject, image.Point{})
}

// oneSided explains marks, or a trimap, that leave nothing to decide.
func (a Cutout) oneSided(err error) error {
	switch {
	case !errors.Is(err, cutout.ErrOneSided):
		return err
	case a.Trimap.Given():
		return badinput.Errorf("%s: all of the picture, or nothing of it, is the subject: want a trimap that is white where the subject is, black where the background is, and grey where neither is sure", a.Trimap.Name)
	}
	return badinput.Errorf("all of the picture, or nothing of it, is the subject: want a box or marks that tell both subject and background")
}

func unknownOf(trimap []uint8) (n int) {
	for _, t := range trimap {
		if t != cutout.Inside && t != cutout.Outside {
			n++
		}
	}
	return n
}

// greys is an opaque picture of grey levels.
func greys(levels []uint8, size image.Point) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: size})
	for i, v := range levels {
		copy(out.Pix[4*i:], []uint8{v, v, v, 255})
	}
	return out
}

// cropped is the part of a picture where it is not transparent.
func cropped(img *image.NRGBA, alpha []float64) (*image.NRGBA, error) {
	w := img.Rect.Dx()
	var box image.Rectangle
	for i, a := range alpha {
		if a*255 >= 0.5 {
			box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	if box.Empty() {
		return nil, badinput.Errorf("nothing is left of the picture to crop to")
	}
	return cut(img, box), nil
}

// sameSize opens a picture that must be as large as another.
func sameSize(env *Env, f File, g *given) (*given, error) {
	m, err := openGiven(env, f)
	if err == nil && m.size() != g.size() {
		err = badinput.Errorf("%s has %d×%d pixels, and the picture %d×%d: want the same size", f.Name, m.size().X, m.size().Y, g.size().X, g.size().Y)
	}
	return m, err
}

// behind is what the subject is laid on, nil for nothing.
func (a Cutout) behind(env *Env, size image.Point) (*image.NRGBA, error) {
	if !a.Background.Given() {
		return nil, nil
	}
	if a.Background.Bytes == nil {
		c, err := parseColour("background", a.Background.Name)
		return filledWith(c, size), err
	}
	g, err := openGiven(env, a.Background)
	if err != nil {
		return nil, err
	}
	if min(g.size().X, g.size().Y) < 1 {
		return nil, fmt.Errorf("%s has no pixels", a.Background.Name)
	}
	return covering(g.Pixels, size), nil
}
