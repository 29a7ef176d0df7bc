package app

import (
	"context"
	"fmt"
	"image"
	"image/draw"
	"math"
	"time"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/memory"
	"atelier/internal/picture"
	"atelier/model/patch"
)

// A given is an input picture, upright and in 8 bits.
type given struct {
	*picture.Whole
	file string // its name, as given
	name string // the same without folder and extension, or a default
}

// perPixel is the approximate memory for patches per pixel of a picture, in bytes.
const perPixel = 160

// openGiven decodes an input picture, and reports what is lost.
func openGiven(env *Env, f File) (*given, error) {
	file, err := picture.Open(f.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", f.Name, err)
	}
	whole, err := picture.OpenWhole(f.Bytes)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", f.Name, err)
	}
	if file.Deep() {
		env.say("%s has 16 bits per channel; the output has 8", f.Name)
	}
	if file.Animated() {
		env.say("%s is animated; only its first frame is used", f.Name)
	}
	if img, size := whole.Pixels, whole.Pixels.Rect.Size(); img.Rect.Min != (image.Point{}) || img.Stride != 4*size.X {
		whole.Pixels = image.NewNRGBA(image.Rectangle{Max: size})
		draw.Draw(whole.Pixels, whole.Pixels.Rect, img, img.Rect.Min, draw.Src)
	}
	return &given{whole, f.Name, stemOf(f.Name, "picture")}, nil
}

// size is that of the picture.
func (g *given) size() image.Point { return g.Pixels.Rect.Size() }

// roomFor rejects an input picture that is too small to have patches, and an output that is too
// large for its format or for the memory.
func (g *given) roomFor(input string, size image.Point, format string) error {
	most := picture.Format(format).Most()
	switch small := g.size(); {
	case min(small.X, small.Y) < patch.LeastSide:
		return badinput.Errorf("%s has %d×%d pixels; want at least %d on a side: it has too few patches to copy", g.file, small.X, small.Y, patch.LeastSide)
	case min(size.X, size.Y) < patch.LeastSide:
		return badinput.Errorf("%s: %d×%d pixels are too few; want at least %d on a side", input, size.X, size.Y, patch.LeastSide)
	case max(size.X, size.Y) > most:
		return badinput.Errorf("%s: %d×%d pixels are too many for %s, which has no more than %d on a side", input, size.X, size.Y, format, most)
	case size.X > picture.MaxPixels/size.Y:
		return badinput.Errorf("%s: %d×%d pixels are too many; at most %d megapixels are made", input, size.X, size.Y, picture.MaxPixels>>20)
	}
	return affordable(fmt.Sprintf("%s: a picture of %d×%d pixels", input, size.X, size.Y), max(size.X*size.Y, g.size().X*g.size().Y))
}

// affordable rejects a number of pixels that exceeds the memory of the machine.
func affordable(what string, pixels int) error {
	most := memory.Most()
	fits := max(0, math.Floor((most.Bytes-programRoom)/perPixel/1e5)/10)
	return most.Check(what, programRoom+perPixel*float64(pixels), fmt.Sprintf("up to about %.1f megapixels fit", fits))
}

// Above slowPixels pixels, patch synthesis takes minutes, and a notice says how long; the others
// are processor times per pixel.
const (
	slowPixels = 4e6
	fillTime   = 9 * time.Microsecond
	growTime   = 10 * time.Microsecond // for a picture of another size
	varyTime   = 30 * time.Microsecond
)

// slow announces how long it takes to synthesize n pixels.
func (e *Env) slow(pixels int, each time.Duration) {
	if pixels > slowPixels {
		minutes := (time.Duration(pixels) * each).Minutes()
		e.notice(fmt.Sprintf("%.0f megapixels are synthesized, which takes about %.0f min of processor time; a smaller picture takes less", float64(pixels)/1e6, math.Ceil(minutes)))
	}
}

// within rejects a part outside of the picture.
func (g *given) within(input string, part image.Rectangle) error {
	if size := g.size(); !part.In(image.Rectangle{Max: size}) {
		return badinput.Errorf("%s: %d,%d to %d,%d is not within %s, which has %d×%d pixels", input, part.Min.X, part.Min.Y, part.Max.X, part.Max.Y, g.file, size.X, size.Y)
	}
	return nil
}

// matcher measures patches.
func (e *Env) matcher() (patch.Matcher, error) {
	if e.Studio == nil || e.Studio.Matcher == nil {
		return nil, fmt.Errorf("this program was built without a patch matcher")
	}
	return e.Studio.Matcher, nil
}

// emitPicture emits a picture made from the input, labelled with a request for it alone.
func (e *Env) emitPicture(a App, g *given, img *image.NRGBA, name, format string, seeds ...uint64) error {
	return e.emitPictureBy(a, nil, g, img, name, format, seeds...)
}

// emitPictureBy is emitPicture for what a run made, if any.
func (e *Env) emitPictureBy(a App, by *Maker, g *given, img *image.NRGBA, name, format string, seeds ...uint64) error {
	f := picture.Format(format)
	if format == formatJPEG && !img.Opaque() {
		e.notice("the result is partly transparent, which JPEG cannot store: it is blended with white; .png and .webp keep transparency")
	}
	b, err := g.Encode(img, f)
	if err != nil {
		return badinput.Mark(err)
	}
	return e.emit(a, by, data.Item{Name: name, MediaType: f.MediaType(), Bytes: b}, seeds)
}

// numbered are file names numbered from one; a single one has no number.
func numbered(name, format string, seed uint64, n int) []string {
	if n == 1 {
		return []string{name + extensions[format][0]}
	}
	return seeded(name, format, seed, n)
}

// seeded are file names with the seeds of n works.
func seeded(name, format string, seed uint64, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%06d%s", name, seed+uint64(i), extensions[format][0])
	}
	return names
}

// part reports the progress of one of several works.
func (e *Env) part(i, n int) func(done, total int) {
	return func(done, total int) { e.progress(i*total+done, n*total) }
}

// several makes n works, each labelled with a request for it alone with its own seed.
func (e *Env) several(ctx context.Context, g *given, name, format string, seed uint64, n int, alone func(seed uint64) App, draw func(seed uint64, progress func(done, total int)) (*image.NRGBA, error)) error {
	names := numbered(g.name+"-"+name, format, seed, n)
	if err := e.expect(names...); err != nil {
		return err
	}
	for i := range n {
		s := seed + uint64(i)
		img, err := draw(s, e.part(i, n))
		if err != nil {
			return err
		}
		if err := e.emitPicture(alone(s), g, img, names[i], format, s); err != nil {
			return err
		}
	}
	return ctx.Err()
}
