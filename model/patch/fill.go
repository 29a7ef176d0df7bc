package patch

import (
	"context"
	"image"
	"slices"

	"atelier/internal/badinput"
)

// A Finish says how copied pixels are blended with their surroundings.
type Finish string

// The finishes. Natural shades the copied pixels to match their surroundings (screened Poisson),
// except at steps so high that they are edges of objects; Smooth shades these, too; Crisp leaves
// everything as copied.
const (
	Natural Finish = "natural"
	Smooth  Finish = "smooth"
	Crisp   Finish = "crisp"
)

// A Filling says how a hole is filled.
type Filling struct {
	Seed   uint64
	Finish Finish // Natural if empty
	Barred []bool // pixels that are kept but not copied from; nil: none
	// Started says that the hole holds an initial picture, as from [Extended]. Otherwise its
	// contents are ignored.
	Started bool
	// Whole copies from the whole picture, however far from the hole.
	Whole bool
}

// Settings of filling (Wexler 2007, Newson 2014, arXiv:1503.05528).
const (
	leastSources = 100
	mostLevels   = 12
	fillSteps    = 16
	finestSteps  = 6
	fillPasses   = 3
	startPasses  = 12
	locality     = 10000   // squared grey levels per sample at the picture's diagonal
	stillChange  = 128     // 256ths of a grey level per sample: with smaller changes, a level is done
	mostSearched = 1 << 20 // pixels of the largest level that is searched; finer ones are upsampled
	mostInFull   = 1 << 16 // patches over the hole of a level that is searched in all steps
	fewSteps     = 4       // at larger levels
)

// Fill fills the hole of a picture with patches of the rest, and returns a new picture that is
// unchanged outside. If there are too few patches, or the picture is smaller than one, it
// interpolates the colours around the hole smoothly, and reports that.
func Fill(ctx context.Context, m Matcher, source *image.NRGBA, hole []bool, f Filling, progress func(done, total int)) (out *image.NRGBA, smooth bool, err error) {
	size := source.Rect.Size()
	inner, n := bounds(hole, size.X)
	switch {
	case n == 0:
		return nil, false, badinput.Errorf("the mask marks no hole; it is white or transparent where the picture is to be filled")
	case n == len(hole):
		return nil, false, badinput.Errorf("the mask marks the whole picture; there is nothing left to fill it from")
	}
	window := image.Rectangle{Max: size}
	if !f.Whole {
		window = surroundings(inner, n).Intersect(window)
	}
	part, inside, barred := cropped(source, window), croppedMask(hole, size.X, window), croppedMask(f.Barred, size.X, window)
	if f.Finish == "" {
		f.Finish = Natural
	}
	w := &work{m: m, Filling: f, colours: part.c, progress: progress}
	unknown := inside
	if f.Started {
		unknown = make([]bool, len(inside))
	}
	from, err := w.fill(ctx, part, unknown, inside, barred)
	if err != nil {
		return nil, false, err
	}
	finest := w.levels[0]
	w.levels = nil // to free memory for a large picture
	for i := range inside {
		if inside[i] {
			copy(part.pix[i*part.c:][:part.c], finest.pix[i*finest.c:])
		}
	}
	switch {
	case from == nil:
		err = harmonic(ctx, m, part, inside)
	case f.Finish != Crisp:
		err = finish(ctx, m, part, inside, from, f.Finish)
	}
	if err != nil {
		return nil, false, err
	}
	out = &image.NRGBA{Pix: slices.Clone(source.Pix), Stride: source.Stride, Rect: source.Rect}
	for y := range window.Dy() {
		for x := range window.Dx() {
			if i := y*part.w + x; inside[i] {
				px := out.Pix[(y+window.Min.Y)*out.Stride+4*(x+window.Min.X):][:4]
				px[3] = 255
				copy(px, part.pix[i*part.c:][:part.c])
			}
		}
	}
	return out, from == nil, nil
}

// bounds are the bounding box of a mask, and its number of pixels.
func bounds(mask []bool, w int) (r image.Rectangle, n int) {
	r.Min = image.Pt(w, len(mask)/w)
	for i, in := range mask {
		if in {
			x, y := i%w, i/w
			r.Min.X, r.Min.Y = min(r.Min.X, x), min(r.Min.Y, y)
			r.Max.X, r.Max.Y = max(r.Max.X, x+1), max(r.Max.Y, y+1)
			n++
		}
	}
	return r, n
}

// surroundings is a hole and its surroundings.
func surroundings(inner image.Rectangle, n int) image.Rectangle {
	return inner.Inset(-max(128, max(inner.Dx(), inner.Dy())/2))
}

// cropped is a part of a picture: its colours, and its alpha channel if it has one.
func cropped(img *image.NRGBA, window image.Rectangle) *picture {
	channels := 3
	if !img.Opaque() {
		channels = 4
	}
	out := newPicture(window.Dx(), window.Dy(), channels)
	for y := range out.h {
		row := img.Pix[(y+window.Min.Y)*img.Stride+4*window.Min.X:]
		for x := range out.w {
			copy(out.pix[(y*out.w+x)*channels:][:channels], row[4*x:])
		}
	}
	return out
}

func croppedMask(mask []bool, w int, window image.Rectangle) []bool {
	if mask == nil {
		return nil
	}
	out := make([]bool, 0, window.Dx()*window.Dy())
	for y := window.Min.Y; y < window.Max.Y; y++ {
		out = append(out, mask[y*w+window.Min.X:y*w+window.Max.X]...)
	}
	return out
}
