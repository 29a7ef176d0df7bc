package app

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"image/draw"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/registry"
	"atelier/model/run"
)

// clipRate is the number of frames per second of generated clips.
const clipRate = 12

// clipGap is the distance of the clips of a film, in pixels.
const clipGap = 2

// clipFormats are the formats of clips: films, and sheets with a row for each clip.
var clipFormats = append(slices.Clone(filmFormats), formatPNG, formatJPEG)

// clips draws clips: a file for each, or a film that shows all side by side.
func (g Generate) clips(ctx context.Context, env *Env, r *run.Run) (err error) {
	g.N = cmp.Or(g.N, fewWritten)
	known := clipFormats
	if g.As == files {
		known = filmFormats
	}
	if g.Format, err = formatFor(g.Format, env.Out.File, known); err != nil {
		return badinput.Mark(err)
	}
	class := ""
	switch len(g.Class) {
	case 0:
	case 1:
		class = g.Class[0]
	default:
		return badinput.Mark(registry.Unfit("class", fmt.Sprintf("run %s generates clips, of one class at a time", r.Dir.Name())))
	}
	target := r.Spec.Target()
	zoom := clipZoom(target)
	if err := roomFor("n", g.N*target.Shape[0], target.Frame(), zoom); err != nil {
		return err
	}
	if err := env.expect(g.names(r, []string{class})...); err != nil {
		return err
	}
	conditions, err := r.OfClass(g.N, class)
	if err != nil {
		return err
	}
	samples, err := r.Draw(ctx, run.Seeds(g.Seed, g.N), conditions, g.Truncation)
	if err != nil {
		return err
	}
	all, seed := &data.Column{Field: target}, g.Seed
	for b, err := range samples {
		if err != nil {
			return err
		}
		if g.As == files {
			one := g
			one.N, one.Seed = 1, seed
			err = one.emitClips(env, r, b.Column(data.Target), g.sampleName(r, "", seed), []uint64{seed})
		} else {
			all.Floats = append(all.Floats, b.Column(data.Target).Floats...)
		}
		if err != nil {
			return err
		}
		seed++
		env.progress(int(seed-g.Seed), g.N)
	}
	switch {
	case g.As == files:
		return nil
	case g.Format == formatPNG || g.Format == formatJPEG:
		return env.emitSheet(g, r, all, sheetOf{name: g.sheetName(r), perRow: target.Shape[0], format: g.Format, label: class, seeds: run.Seeds(g.Seed, g.N)})
	}
	return g.emitClips(env, r, all, g.sheetName(r)+extensions[g.Format][0], run.Seeds(g.Seed, g.N))
}

// clipZoom is the enlargement factor of clips.
func clipZoom(f data.Field) int { return max(1, leastSide/max(f.Shape[1], f.Shape[2])) }

// emitClips emits a film of all clips of a column.
func (g *Generate) emitClips(env *Env, r *run.Run, clips *data.Column, name string, seeds []uint64) error {
	frames, err := sideBySide(clips)
	if err != nil {
		return err
	}
	file, mediaType, err := moving(g.Format, frames, clipRate, nil)
	if err != nil {
		return err
	}
	item := data.Item{Name: name, MediaType: mediaType, Bytes: file}
	if len(g.Class) == 1 {
		item.Label = g.Class[0]
	}
	return env.emit(*g, madeBy(r), item, seeds)
}

// sideBySide are the frames of a film in which all clips of a column are seen at once.
func sideBySide(clips *data.Column) ([]image.Image, error) {
	pictures, err := codec.Pictures(clips, clipZoom(clips.Field))
	n := clips.Field.Shape[0]
	if err != nil || len(pictures) == n {
		return pictures, err
	}
	columns, rows := inRows(len(pictures) / n)
	step := pictures[0].Bounds().Size().Add(image.Pt(clipGap, clipGap))
	frames := make([]image.Image, n)
	for t := range frames {
		frame := image.NewNRGBA(image.Rect(0, 0, columns*step.X-clipGap, rows*step.Y-clipGap))
		draw.Draw(frame, frame.Rect, image.White, image.Point{}, draw.Src)
		for i := range len(pictures) / n {
			at := image.Pt(i%columns*step.X, i/columns*step.Y)
			draw.Draw(frame, image.Rectangle{at, at.Add(step)}, pictures[i*n+t], image.Point{}, draw.Src)
		}
		frames[t] = frame
	}
	return frames, nil
}
