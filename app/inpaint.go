package app

import (
	"context"
	"fmt"
	"image"

	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/patch"
)

func init() {
	Apps.Add("inpaint", "fill a hole in a picture with patches from the rest of it; needs no training",
		func() App { return &Inpaint{N: 1, Seed: 1, Finish: string(patch.Natural)} })
}

// Inpaint fills a hole of a picture.
type Inpaint struct {
	Picture File     `arg:"PICTURE" accept:"image/*" help:"the picture's file, or - for the standard input"`
	Mask    File     `accept:"image/*" help:"a picture of the same size that is white or transparent where the hole is"`
	Box     []string `help:"the hole as left,top,width,height in pixels; with a mask, besides it"`
	Grow    int      `min:"0" max:"64" help:"dilate the hole by this many pixels: 2 to 4 for masks drawn tightly around an object"`
	Feather int      `min:"0" max:"64" help:"feathering: pixels around the hole over which the filling is blended into the picture; 0 changes nothing outside"`
	Finish  string   `enum:"natural,smooth,crisp" help:"how copied pixels are blended: natural (matched to their surroundings), smooth (across edges, too) or crisp (unchanged)"`
	N       int      `min:"1" max:"64" help:"number of alternatives to choose from; several go to a folder"`
	Seed    uint64   `help:"seed of the first; the next ones count up from it"`
	Format  string   `enum:"png,jpeg,webp" help:"png, jpeg, or webp (lossless); if empty, by the extension of the file, or png"`
}

// Example implements [App].
func (a Inpaint) Example() string { return "photo.jpg --box 120,80,60,90 --grow 3 -o without.png" }

// Check implements [Checker].
func (a Inpaint) Check(out Out) error {
	if !a.Mask.Given() && len(a.Box) == 0 {
		return registry.Unfit("mask", "want a hole: --mask with a picture that is white where it is, or --box with left,top,width,height")
	}
	if _, err := parseBoxes("box", a.Box); err != nil {
		return err
	}
	_, err := formatFor(a.Format, out.File, stillFormats)
	return err
}

// hole is the union of the mask and the boxes, dilated.
func (a Inpaint) hole(env *Env, g *given) ([]bool, error) {
	size := g.size()
	hole := make([]bool, size.X*size.Y)
	if a.Mask.Given() {
		m, err := openGiven(env, a.Mask)
		if err != nil {
			return nil, err
		}
		if m.size() != size {
			return nil, badinput.Errorf("%s has %d×%d pixels, and the picture %d×%d: want a mask of the same size", a.Mask.Name, m.size().X, m.size().Y, size.X, size.Y)
		}
		for i := range hole {
			p := m.Pixels.Pix[4*i : 4*i+4]
			hole[i] = p[3] < 128 || int(p[0])+int(p[1])+int(p[2]) > 3*127
		}
	}
	boxes, err := parseBoxes("box", a.Box)
	if err != nil {
		return nil, err
	}
	for _, b := range boxes {
		if err := g.within("box", b); err != nil {
			return nil, err
		}
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				hole[y*size.X+x] = true
			}
		}
	}
	if a.Grow > 0 {
		hole = patch.Grown(hole, size.X, a.Grow)
	}
	return hole, nil
}

// largeHole is the share of a picture above which objects cannot be reconstructed.
const largeHole = .25

// Run implements [App].
func (a Inpaint) Run(ctx context.Context, env *Env) error {
	format, err := formatFor(a.Format, env.Out.File, stillFormats)
	if err != nil {
		return badinput.Mark(err)
	}
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	hole, err := a.hole(env, g)
	if err != nil {
		return err
	}
	if format == formatJPEG {
		env.say("a JPEG changes slightly everywhere; as .png or .webp everything outside the hole stays the same")
	}
	filling := hole
	if a.Feather > 0 {
		filling = patch.Grown(hole, g.size().X, a.Feather)
	}
	if share := shareOf(filling); share > largeHole {
		env.say("the hole is %.0f %% of the picture; above %.0f %% its contents can rarely be reconstructed", 100*share, 100*largeHole)
	}
	alone := func(seed uint64) App { one := a; one.N, one.Seed, one.Format = 1, seed, format; return one }
	return env.several(ctx, g, "filled", format, a.Seed, a.N, alone, func(seed uint64, progress func(done, total int)) (*image.NRGBA, error) {
		out, err := env.fill(ctx, g.Pixels, filling, patch.Filling{Seed: seed, Finish: patch.Finish(a.Finish)}, progress)
		if err == nil && a.Feather > 0 {
			out, err = patch.Feathered(ctx, g.Pixels, out, hole, a.Feather)
		}
		return out, err
	})
}

// knownPixels is the number of known pixels that take as much memory as one to be filled.
const knownPixels = 4

// fill fills a hole, and reports if there was nothing to fill it with.
func (e *Env) fill(ctx context.Context, img *image.NRGBA, hole []bool, f patch.Filling, progress func(done, total int)) (*image.NRGBA, error) {
	size, holes := img.Rect.Size(), int(shareOf(hole)*float64(len(hole)))
	if err := affordable(fmt.Sprintf("a hole of %.1f megapixels in %d×%d pixels", float64(holes)/1e6, size.X, size.Y), holes+(len(hole)-holes)/knownPixels); err != nil {
		return nil, err
	}
	m, err := e.matcher()
	if err != nil {
		return nil, err
	}
	e.slow(holes, fillTime)
	out, smooth, err := patch.Fill(ctx, m, img, hole, f, progress)
	if err != nil {
		return nil, err
	}
	if smooth {
		e.say("there is too little around the hole to copy from: it was filled smoothly with the colours of its edge")
	}
	return out, nil
}

// shareOf is the marked share of a mask.
func shareOf(mask []bool) float64 {
	n := 0
	for _, in := range mask {
		if in {
			n++
		}
	}
	return float64(n) / float64(len(mask))
}
