package app

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
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
	taken := map[string]bool{}
	add := func(name string, img *image.NRGBA) error {
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
			all = append(all, sprite{unique, part})
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
		n, moving, err := animation.Frames(f.Bytes)
		if err != nil || n == 1 {
			g, err := openGiven(env, f)
			if err != nil {
				return nil, nil, err
			}
			if err := add(g.name, g.Pixels); err != nil {
				return nil, nil, err
			}
			env.progress(i+1, len(a.Pictures))
			continue
		}
		k := 0
		for img, err := range moving {
			if err != nil {
				return nil, nil, badinput.Errorf("%s: %w", f.Name, err)
			}
			k++
			whole := cut(picture.NRGBA(img), img.Bounds())
			if err := add(fmt.Sprintf("%s_%03d", stemOf(f.Name, "sprite"), k), whole); err != nil {
				return nil, nil, err
			}
		}
		env.progress(i+1, len(a.Pictures))
	}
	return all, nil, nil
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

// trimmed is the part of a picture that is not wholly transparent.
func trimmed(img *image.NRGBA) image.Rectangle {
	part := image.Rectangle{}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if img.Pix[y*img.Stride+4*x+3] > 0 {
				part = part.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return part
}

// Distances of colours, in the largest channel: within near, a pixel is background; up to far, beside
// the background, it is partly so.
const (
	nearGround = 24
	farGround  = 96
)

// clear makes the background of a picture transparent.
func (a Sprites) clear(img *image.NRGBA) {
	var ground color.NRGBA
	switch a.Background {
	case backgroundKeep:
		return
	case backgroundAuto:
		var ok bool
		if ground, ok = rimColour(img); !ok {
			return
		}
	default:
		ground, _ = parseColour("background", a.Background) // checked
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	outside := make([]bool, w*h)
	var todo []int
	reach := func(i int) {
		if !outside[i] && distance(img.Pix[4*i:], ground) <= nearGround {
			outside[i] = true
			todo = append(todo, i)
		}
	}
	for i := range outside {
		if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == h-1 {
			reach(i)
		}
	}
	beside := func(i int, do func(int)) {
		x, y := i%w, i/w
		for _, n := range []struct {
			ok bool
			at int
		}{{x > 0, i - 1}, {x < w-1, i + 1}, {y > 0, i - w}, {y < h-1, i + w}} {
			if n.ok {
				do(n.at)
			}
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		beside(i, reach)
	}
	edge := map[int]bool{}
	for i, out := range outside {
		if out {
			beside(i, func(n int) { edge[n] = edge[n] || !outside[n] })
		}
	}
	for i, out := range outside {
		if out {
			copy(img.Pix[4*i:], []uint8{0, 0, 0, 0})
		} else if edge[i] {
			unmix(img.Pix[4*i:4*i+4], ground)
		}
	}
}

// distance is that of a pixel from a colour, in the largest channel.
func distance(p []uint8, c color.NRGBA) int {
	most := 0
	for k, v := range [3]uint8{c.R, c.G, c.B} {
		d := int(p[k]) - int(v)
		most = max(most, d, -d)
	}
	return most
}

// unmix takes the background out of a pixel at the edge: the nearer its colour, the more transparent
// it is.
func unmix(p []uint8, ground color.NRGBA) {
	share := min(1, float64(distance(p, ground))/farGround)
	for k, v := range [3]uint8{ground.R, ground.G, ground.B} {
		p[k] = uint8(min(255, max(0, float64(v)+(float64(p[k])-float64(v))/max(share, 1.0/255)+0.5)))
	}
	p[3] = uint8(share*float64(p[3]) + 0.5)
}

// rimColour is the colour around an opaque picture; ok is false if it has no single one.
func rimColour(img *image.NRGBA) (c color.NRGBA, ok bool) {
	if !img.Opaque() {
		return c, false
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	c = img.NRGBAAt(0, 0)
	near, all := 0, 0
	for i := range w * h {
		if x, y := i%w, i/w; x == 0 || y == 0 || x == w-1 || y == h-1 {
			all++
			if distance(img.Pix[4*i:], c) <= nearGround {
				near++
			}
		}
	}
	return c, 10*near >= 9*all && trimmable(img, c)
}

// trimmable reports whether a picture has anything but a colour.
func trimmable(img *image.NRGBA, c color.NRGBA) bool {
	for i := 0; i < len(img.Pix); i += 4 {
		if distance(img.Pix[i:], c) > nearGround {
			return true
		}
	}
	return false
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
