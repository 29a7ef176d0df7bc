package app

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/film"
	"atelier/internal/midi"
	"atelier/internal/music"
	"atelier/internal/picture"
	"atelier/internal/provenance"
)

// A Reproduction is a work made again, and its comparison with the original.
type Reproduction struct {
	// Label is the label of the original.
	Label provenance.Label
	// Same reports whether the bytes are equal.
	Same bool
	// Differences lists what differs: the checkpoint, the program, the engine, the pixels or notes.
	// There may be some even if the bytes are equal.
	Differences []string
	// Item is the reproduced work.
	Item data.Item
}

// Reproduce makes a work again from the label in its file, or from its sidecar, nil if there is
// none. given are the input files, by the names of the inputs, that the label does not contain.
func Reproduce(ctx context.Context, env *Env, work File, beside []byte, given map[string]File) (*Reproduction, error) {
	label, err := labelOf(work.Bytes, beside)
	if err != nil {
		return nil, &FileError{work.Name, err}
	}
	request, err := again(label, given)
	if err != nil {
		return nil, &FileError{work.Name, err}
	}
	file := work.Bytes
	out := &Reproduction{Label: label}
	differ := func(what, was, is string) {
		if was != is {
			out.Differences = append(out.Differences, fmt.Sprintf("%s: then %s, now %s", what, was, is))
		}
	}
	if label.Run != "" {
		by, err := MakerOf(ctx, env, request)
		if err != nil {
			return nil, err
		}
		if by == nil {
			return nil, badinput.Errorf("the label names the run %s, but %s takes none", label.Run, Name(request))
		}
		differ("checkpoint", label.Checkpoint, by.Hash)
		if w, ok := request.(*Interpolate); ok { // a label is small, but the animation it describes may not be
			if err := w.matches(file, by.target); err != nil {
				return nil, &FileError{work.Name, err}
			}
		}
	}
	inner := *env
	inner.Expect, inner.Out = nil, Out{Apart: true}
	missing := []string(nil)
	if inner.Marking, missing, err = env.Keys.marking(label.Marks); err != nil {
		return nil, err
	}
	out.Differences = append(out.Differences, missing...)
	inner.Emit = func(it data.Item) error {
		if nearer(work.Name, it.Name, out.Item.Name) {
			out.Item = it
		}
		return nil
	}
	if err := Run(ctx, request, &inner); err != nil {
		return nil, err
	}
	out.Same = bytes.Equal(out.Item.Bytes, file)
	now, _ := labelOf(out.Item.Bytes, nil) // that of a text would be beside it, but networks make pictures
	for _, name := range slices.Sorted(maps.Keys(label.Weights)) {
		differ("weights "+name, label.Weights[name], now.Weights[name])
	}
	differ("program", label.Version, env.Studio.Program)
	differ("engine", label.Engine, env.Studio.Engine)
	if !out.Same {
		out.Differences = append(out.Differences, out.difference(file))
	}
	return out, nil
}

// nearer reports whether a name that was made, of one or several files, is at least as near to that of
// a work as the nearest so far: the same, or with the same extension.
func nearer(work, made, so string) bool {
	near := func(name string) (n int) {
		if strings.EqualFold(filepath.Ext(work), filepath.Ext(name)) {
			n = 1
		}
		if filepath.Base(work) == name {
			n = 2
		}
		return n
	}
	return so == "" || near(made) >= near(so)
}

// difference describes how the reproduced work differs from the file.
func (r *Reproduction) difference(file []byte) string {
	if relabelled, err := provenance.Write(r.Item.Bytes, r.Label); err == nil && bytes.Equal(relabelled, file) {
		return "only the label differs: everything else is the same, byte for byte"
	}
	difference := pixelDifference
	if kind, _, _ := strings.Cut(r.Item.MediaType, ";"); differences[kind] != nil {
		difference = differences[kind]
	}
	return difference(file, r.Item.Bytes)
}

// differences compare works, by media type; pictures of all types are compared by pixelDifference.
var differences = map[string]func(was, is []byte) string{
	"audio/midi": noteDifference, plainText: byteDifference("text"), "text/markdown": byteDifference("text"), "application/json": byteDifference("text"),
	mapTypes[formatTMX]: byteDifference("level"), mapTypes[formatCSV]: byteDifference("level"), mapTypes[formatText]: byteDifference("level"),
	glbType: byteDifference("3-D model"), usdzType: byteDifference("3-D model"), "text/html": byteDifference("page"),
	"audio/wav": byteDifference("sound"), "audio/flac": byteDifference("sound"),
	music.ABC.MediaType(): byteDifference("score"), music.MusicXML.MediaType(): byteDifference("score"), music.MXL.MediaType(): byteDifference("score"),
}

// byteDifference is the first position where the bytes of two works differ.
func byteDifference(what string) func(a, b []byte) string {
	return func(a, b []byte) string {
		at := 0
		for at < min(len(a), len(b)) && a[at] == b[at] {
			at++
		}
		return fmt.Sprintf("%s: then %d bytes, now %d, the same up to byte %d", what, len(a), len(b), at)
	}
}

// noteDifference describes how two pieces of music differ.
func noteDifference(a, b []byte) string {
	then, _, err := midi.Read(a)
	if err != nil {
		return fmt.Sprintf("notes: the file's cannot be read: it %v", err)
	}
	now, _, err := midi.Read(b)
	if err != nil {
		return fmt.Sprintf("notes: the reproduced ones cannot be read: it %v", err)
	}
	if slices.Equal(then.Notes, now.Notes) {
		return "notes: all the same; the file is encoded differently"
	}
	apart := 0
	for i := range max(len(then.Notes), len(now.Notes)) {
		if i >= len(then.Notes) || i >= len(now.Notes) || then.Notes[i] != now.Notes[i] {
			apart++
		}
	}
	return fmt.Sprintf("notes: then %d, now %d; compared in order, %d differ", len(then.Notes), len(now.Notes), apart)
}

// pixelDifference describes how two pictures differ, frame by frame if they are animated.
func pixelDifference(a, b []byte) string {
	if was, err := picture.Open(a); err == nil {
		// Sizes first: a different size is reported on its own.
		if is, err := picture.Open(b); err == nil && (was.Width != is.Width || was.Height != is.Height) {
			return fmt.Sprintf("size: then %d×%d, now %d×%d", was.Width, was.Height, is.Width, is.Height)
		}
	}
	then, err := film.Open(a)
	if err != nil {
		return fmt.Sprintf("pixels: the file's cannot be read: %v", err)
	}
	now, err := film.Open(b)
	if err != nil {
		return fmt.Sprintf("pixels: the reproduced ones cannot be read: %v", err)
	}
	if then.N != now.N {
		return fmt.Sprintf("frames: then %d, now %d", then.N, now.N)
	}
	most, count, all, err := framesApart(then.Frames, now.Frames)
	if err != nil {
		return err.Error()
	}
	if count == 0 {
		return "pixels: all the same; the file is encoded differently"
	}
	return fmt.Sprintf("pixels: %d of %d differ, by at most %d of 255", count, all, most)
}

// framesApart compares frames pairwise: the largest difference, the number of different pixels, and
// the total.
func framesApart(then, now iter.Seq2[image.Image, error]) (most, count, all int, err error) {
	next, stop := iter.Pull2(now)
	defer stop()
	for was, err := range then {
		if err != nil {
			return 0, 0, 0, fmt.Errorf("pixels: the file's cannot be read: %w", err)
		}
		is, err, _ := next()
		if err != nil {
			return 0, 0, 0, fmt.Errorf("pixels: the reproduced ones cannot be read: %w", err)
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

// apart is the largest channel difference at a pixel, of 255.
func apart(a, b image.Image, x, y int) int {
	p, q := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
	most := 0
	for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B), int(p.A) - int(q.A)} {
		most = max(most, d, -d)
	}
	return most
}
