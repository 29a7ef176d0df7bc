package app

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"math"

	"atelier/model/patch"
	"atelier/model/run"
)

// mostTogether is the largest number of variations on a sheet beside the picture.
const mostTogether = 63

// leastApart is the distance of a variation from its picture, as a share of the range, below which
// it is nearly the same.
const leastApart = .05

// byPatches is the value of MODEL for variations made of patches.
const byPatches = "patch"

// gathered reports whether the variations go onto one sheet.
func (a Variations) gathered(out Out) bool {
	return a.As == sheet || a.As == "" && !out.Apart && a.N > 1
}

// ofPatches synthesizes variations from the patches of the picture.
func (a Variations) ofPatches(ctx context.Context, env *Env) error {
	g, err := openGiven(env, a.Picture)
	if err != nil {
		return err
	}
	together := a.gathered(env.Out)
	size := g.size()
	if together {
		columns, rows := inRows(a.N + 1)
		size = image.Pt(columns*size.X, rows*size.Y)
	}
	if err := g.roomFor("n", size, a.Format); err != nil {
		return err
	}
	m, err := env.matcher()
	if err != nil {
		return err
	}
	env.slow(a.N*g.size().X*g.size().Y, varyTime)
	draw := func(seed uint64, progress func(done, total int)) (*image.NRGBA, error) {
		out, apart, err := patch.Vary(ctx, m, g.Pixels, patch.Variation{Seed: seed, Strength: a.Strength / usualShare * patch.UsualStrength}, progress)
		if err == nil && apart < leastApart && a.Strength > 0 {
			env.say("the variation of seed %d is nearly the picture itself (%.1f %% of the range): it has few patches that fit elsewhere, as pictures of single objects and faces do", seed, 100*apart)
		}
		return out, err
	}
	if together {
		return a.patchSheet(env, g, draw)
	}
	alone := func(seed uint64) App { one := a; one.N, one.Seed, one.As = 1, seed, files; return one }
	return env.several(ctx, g, "variation", a.Format, a.Seed, a.N, alone, draw)
}

// usualShare is the strength that corresponds to [patch.UsualStrength].
const usualShare = .2

// patchSheet arranges the picture and its variations on one sheet.
func (a Variations) patchSheet(env *Env, g *given, vary func(seed uint64, progress func(done, total int)) (*image.NRGBA, error)) error {
	name := fmt.Sprintf("%s-variations%s", g.name, extensions[a.Format][0])
	if err := env.expect(name); err != nil {
		return err
	}
	columns, rows := inRows(a.N + 1)
	size := g.size()
	all := image.NewNRGBA(image.Rect(0, 0, columns*size.X, rows*size.Y))
	lay := func(i int, img *image.NRGBA) {
		at := image.Pt(i%columns*size.X, i/columns*size.Y)
		draw.Draw(all, image.Rectangle{at, at.Add(size)}, img, image.Point{}, draw.Src)
	}
	lay(0, g.Pixels)
	seeds := run.Seeds(a.Seed, a.N)
	for i, seed := range seeds {
		img, err := vary(seed, env.part(i, a.N))
		if err != nil {
			return err
		}
		lay(i+1, img)
	}
	a.As = sheet
	return env.emitPicture(a, g, all, name, a.Format, seeds...)
}

// inRows arranges n pictures as nearly square as possible.
func inRows(n int) (columns, rows int) {
	columns = int(math.Ceil(math.Sqrt(float64(n))))
	return columns, (n + columns - 1) / columns
}
