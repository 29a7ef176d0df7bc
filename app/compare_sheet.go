package app

import (
	"context"
	"fmt"
	"image"
	"strings"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/run"
)

// What a run shows in a comparison: a row of pictures, or a plot of points.
const (
	comparedPictures = 10
	comparedPoints   = 1000
)

// ComparedSheet draws samples of the seeds 1, 2, ... of each run, a row per run, in one
// labelled picture.
func ComparedSheet(ctx context.Context, env *Env, runs []*run.Run) (data.Item, error) {
	var rows []*image.NRGBA
	var names, checkpoints []string
	var seeds []uint64
	for i, r := range runs {
		seeds = run.Seeds(1, comparedPictures)
		if r.Spec.Target().Kind == data.Vector {
			seeds = run.Seeds(1, comparedPoints)
		}
		row, err := comparedRow(ctx, r, seeds)
		if err != nil {
			return data.Item{}, err
		}
		rows = append(rows, captioned(row, fmt.Sprintf("%s, step %d", r.Dir.Name(), r.Step)))
		names, checkpoints = append(names, r.Dir.Name()), append(checkpoints, r.Hash)
		env.progress(i+1, len(runs))
	}
	file, err := encodePNG(down(rows...))
	if err != nil {
		return data.Item{}, err
	}
	item := data.Item{Name: comparedFile, MediaType: picture.PNG.MediaType(), Bytes: file}
	return env.finish(item, provenance.Label{
		Run: strings.Join(names, ", "), Checkpoint: strings.Join(checkpoints, ", "), Seeds: seeds,
		Version: env.Studio.Program, Engine: env.Studio.Engine, Settings: map[string]string{appSetting: "compare"},
	})
}

// comparedRow draws one run.
func comparedRow(ctx context.Context, r *run.Run, seeds []uint64) (image.Image, error) {
	if target := r.Spec.Target(); target.Kind == data.Tokens {
		return nil, badinput.Errorf("run %s generates %s, which cannot be shown in a sheet", r.Dir.Name(), r.Medium().Works)
	}
	samples, err := r.Draw(ctx, seeds, nil, 1)
	if err != nil {
		return nil, err
	}
	all := data.Column{Field: r.Spec.Target()}
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		all.Floats = append(all.Floats, b.Column(data.Target).Floats...)
	}
	return codec.Sheet(&all, len(seeds))
}
