package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"
	"path/filepath"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/filename"
	"atelier/internal/picture"
	"atelier/internal/tilemap"
	"atelier/model/run"
)

// Words for what becomes of the background of sprites.
const (
	backgroundAuto = "auto"
	backgroundKeep = "keep"
)

// mostSprites is the limit of frames in a sheet.
const mostSprites = 4096

// frames are the sprites, without their background, and the run that drew them, if any.
func (a Sprites) frames(ctx context.Context, env *Env) (all []sprite, by *Maker, err error) {
	taken, file := map[string]bool{}, ""
	held := 0
	add := func(name string, img *image.NRGBA) error {
		if held += img.Rect.Dx() * img.Rect.Dy(); held > animation.MostPixels {
			return badinput.Errorf("the pictures have more than %d megapixels in all; want fewer or smaller ones", animation.MostPixels>>20)
		}
		if size, err := parseSize("cut", a.Cut); err == nil && (size.X > img.Rect.Dx() || size.Y > img.Rect.Dy()) {
			return badinput.Errorf("cut: a frame of %d×%d pixels is larger than %s, which has %d×%d", size.X, size.Y, name, img.Rect.Dx(), img.Rect.Dy())
		}
		a.clear(img)
		for part, suffix := range a.cuts(img) {
			if trimmed(part).Empty() {
				continue
			}
			unique := name + suffix
			for k := 2; taken[unique]; k++ {
				unique = fmt.Sprintf("%s (%d)%s", name, k, suffix)
			}
			if taken[unique] = true; len(all) == mostSprites {
				return badinput.Errorf("there are more than %d frames; want fewer pictures", mostSprites)
			}
			all = append(all, sprite{unique, cmp.Or(file, unique), part})
		}
		return nil
	}
	if a.From != "" {
		by, err = a.drawn(ctx, env, add)
		return all, by, err
	}
	for i, f := range a.Pictures {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		file = f.Name
		if err := a.each(ctx, env, f, add); err != nil {
			return nil, nil, err
		}
		env.progress(i+1, len(a.Pictures))
	}
	return all, nil, nil
}

// each adds a picture, or the frames of an animation.
func (a Sprites) each(ctx context.Context, env *Env, f File, add func(string, *image.NRGBA) error) error {
	n, size, moving, err := animation.Frames(f.Bytes)
	if err != nil || n == 1 {
		g, err := openGiven(env, f)
		if err != nil {
			return err
		}
		return add(g.name, g.Pixels)
	}
	if err := animation.Fits(n, size); err != nil {
		return badinput.Errorf("%s: %w", f.Name, err)
	}
	k := 0
	for img, err := range moving {
		if err != nil {
			return badinput.Errorf("%s: %w", f.Name, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		k++
		whole := cut(picture.NRGBA(img), img.Bounds())
		if err := add(fmt.Sprintf("%s_%03d", stemOf(f.Name, "sprite"), k), whole); err != nil {
			return err
		}
	}
	return nil
}

// drawn adds samples of a run.
func (a Sprites) drawn(ctx context.Context, env *Env, add func(string, *image.NRGBA) error) (*Maker, error) {
	r, err := env.open(a.From)
	if err != nil {
		return nil, err
	}
	if err := r.CheckPictures(); err != nil {
		return nil, err
	}
	conditions, err := r.OfClass(a.N, a.Class)
	if err != nil {
		return nil, err
	}
	samples, err := r.Draw(ctx, run.Seeds(a.Seed, a.N), conditions, 1)
	if err != nil {
		return nil, err
	}
	done := 0
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		it, err := r.Decode(b)
		if err != nil {
			return nil, err
		}
		img, err := png.Decode(bytes.NewReader(it.Bytes))
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%s-%06d", filename.Readable(r.Dir.Name()), a.Seed+uint64(done))
		if err := add(name, cut(picture.NRGBA(img), img.Bounds())); err != nil {
			return nil, err
		}
		done++
		env.progress(done, a.N)
	}
	return madeBy(r), nil
}

// cuts yields the frames of a sheet with the ends of their names, row by row, or the whole picture.
func (a Sprites) cuts(img *image.NRGBA) func(yield func(*image.NRGBA, string) bool) {
	return func(yield func(*image.NRGBA, string) bool) {
		size, err := parseSize("cut", a.Cut)
		if a.Cut == "" || err != nil {
			yield(img, "")
			return
		}
		for y := 0; y+size.Y <= img.Rect.Dy(); y += size.Y {
			for x := 0; x+size.X <= img.Rect.Dx(); x += size.X {
				part := image.Rectangle{image.Pt(x, y), image.Pt(x, y).Add(size)}
				if !yield(cut(img, part), fmt.Sprintf("-row%02d_%02d", y/size.Y+1, x/size.X+1)) {
					return
				}
			}
		}
	}
}

// emit emits the sheet, or the file beside it.
func (a Sprites) emit(env *Env, by *Maker, s *packedSheet, name, sheet string) error {
	it := data.Item{Name: name}
	var b bytes.Buffer
	err := error(nil)
	switch filepath.Ext(name) {
	case extensions[formatPNG][0]:
		it.MediaType, err = "image/png", png.Encode(&b, s.NRGBA)
		it.Bytes = b.Bytes()
	case extensions[formatTSX][0]:
		it.MediaType, it.Bytes = "application/x-tsx+xml", tilemap.TSX("sprites", sheet, s.Rect.Size(), s.cell, s.columns, len(s.frames), a.Gap)
	default:
		it.MediaType = "application/json"
		it.Bytes, err = s.json(sheet)
	}
	if err != nil {
		return err
	}
	var seeds []uint64
	if by != nil {
		seeds = run.Seeds(a.Seed, a.N)
	}
	return env.emit(a, by, it, seeds)
}
