package app

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"iter"
	"slices"

	"atelier/data"
	"atelier/internal/animation"
	"atelier/internal/midi"
	"atelier/internal/picture"
	"atelier/internal/provenance"
)

// A Reproduction is a work made anew beside the one that it should equal.
type Reproduction struct {
	// Label is what the file said of how it was made.
	Label provenance.Label
	// Same reports whether the bytes are the same.
	Same bool
	// Differences says what is not as it was: the checkpoint, the program, the
	// engine, the pixels or notes. It can name some even if the bytes are the same.
	Differences []string
	// Item is the work made anew.
	Item data.Item
}

// Reproduce makes a work again from the label that its file carries.
func Reproduce(ctx context.Context, env *Env, file []byte) (*Reproduction, error) {
	label, err := provenance.Read(file)
	if err != nil {
		return nil, err
	}
	request, err := again(label)
	if err != nil {
		return nil, err
	}
	r, err := env.Studio.Open(label.Run)
	if err != nil {
		return nil, err
	}
	if w, ok := request.(*Interpolate); ok { // a label costs little, and the walk it tells of may not
		if err := w.matches(file, r.Spec.Target()); err != nil {
			return nil, err
		}
	}
	out := &Reproduction{Label: label}
	inner := *env
	inner.Expect = nil
	inner.Emit = func(it data.Item) error {
		out.Item = it
		return nil
	}
	if err := request.Run(ctx, &inner); err != nil {
		return nil, err
	}
	out.Same = bytes.Equal(out.Item.Bytes, file)
	differ := func(what, was, is string) {
		if was != is {
			out.Differences = append(out.Differences, fmt.Sprintf("%s: then %s, now %s", what, was, is))
		}
	}
	differ("checkpoint", label.Checkpoint, r.Hash)
	differ("program", label.Version, env.Studio.Program)
	differ("engine", label.Engine, env.Studio.Engine)
	if !out.Same {
		out.Differences = append(out.Differences, out.difference(file))
	}
	return out, nil
}

// difference says how far the work made anew is from the file.
func (r *Reproduction) difference(file []byte) string {
	if relabelled, err := provenance.Write(r.Item.Bytes, r.Label); err == nil && bytes.Equal(relabelled, file) {
		return "the label alone differs: all else is the same, byte for byte"
	}
	difference := pixelDifference
	if found := differences[r.Item.MediaType]; found != nil {
		difference = found
	}
	return difference(file, r.Item.Bytes)
}

// differences say how far works are apart, by their media type; pictures of all types
// are told by pixelDifference.
var differences = map[string]func(was, is []byte) string{"audio/midi": noteDifference}

// noteDifference says how far two pieces of music are apart.
func noteDifference(a, b []byte) string {
	then, _, err := midi.Read(a)
	if err != nil {
		return fmt.Sprintf("notes: those of the file cannot be read: it %v", err)
	}
	now, _, err := midi.Read(b)
	if err != nil {
		return fmt.Sprintf("notes: those made anew cannot be read: it %v", err)
	}
	if slices.Equal(then.Notes, now.Notes) {
		return "notes: all the same; the file was written in another way"
	}
	apart := 0
	for i := range max(len(then.Notes), len(now.Notes)) {
		if i >= len(then.Notes) || i >= len(now.Notes) || then.Notes[i] != now.Notes[i] {
			apart++
		}
	}
	return fmt.Sprintf("notes: then %d, now %d, of which in their order %d differ", len(then.Notes), len(now.Notes), apart)
}

// pixelDifference says how far two pictures are apart, frame by frame if they move.
func pixelDifference(a, b []byte) string {
	if was, err := picture.Open(a); err == nil {
		// Sizes first: it is an error of its own.
		if is, err := picture.Open(b); err == nil && (was.Width != is.Width || was.Height != is.Height) {
			return fmt.Sprintf("size: then %d×%d, now %d×%d", was.Width, was.Height, is.Width, is.Height)
		}
	}
	frames, then, err := animation.Frames(a)
	if err != nil {
		return fmt.Sprintf("pixels: those of the file cannot be read: %v", err)
	}
	made, now, err := animation.Frames(b)
	if err != nil {
		return fmt.Sprintf("pixels: those made anew cannot be read: %v", err)
	}
	if frames != made {
		return fmt.Sprintf("frames: then %d, now %d", frames, made)
	}
	most, count, all, err := framesApart(then, now)
	if err != nil {
		return err.Error()
	}
	if count == 0 {
		return "pixels: all the same; the file was written in another way"
	}
	return fmt.Sprintf("pixels: %d of %d differ, by at most %d of 255", count, all, most)
}

// framesApart compares as many frames as one has, one after another: the largest difference,
// how many pixels differ, and of how many.
func framesApart(then, now iter.Seq2[image.Image, error]) (most, count, all int, err error) {
	next, stop := iter.Pull2(now)
	defer stop()
	for was, err := range then {
		if err != nil {
			return 0, 0, 0, fmt.Errorf("pixels: those of the file cannot be read: %w", err)
		}
		is, err, _ := next()
		if err != nil {
			return 0, 0, 0, fmt.Errorf("pixels: those made anew cannot be read: %w", err)
		}
		size := was.Bounds()
		for y := range size.Dy() {
			for x := range size.Dx() {
				d := apart(was, is, x, y)
				most = max(most, d)
				if d > 0 {
					count++
				}
				all++
			}
		}
	}
	return most, count, all, nil
}

// apart is the largest difference of a channel at a pixel, of 255.
func apart(a, b image.Image, x, y int) int {
	p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
	most := 0
	for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
		most = max(most, d, -d)
	}
	return most
}
