package app

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/animation"
	"atelier/internal/badinput"
	"atelier/internal/picture"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

const interpolateApp = "interpolate"

func init() {
	Apps.Add(interpolateApp, "walk from sample to sample of a trained run, as a GIF, APNG or WebP that moves, or as a sheet",
		func() App {
			return &Interpolate{Seeds: []uint64{1, 2, 3, 4}, Frames: 24, Loop: true, Rate: 12, Truncation: 1}
		})
}

const (
	mostFrames = 3000
	mostRate   = 50
	mostScale  = 64
	leastSide  = 112 // pixels of a picture that moves, where no scale is asked for
)

var walkFormats = []string{formatGIF, formatAPNG, formatWebP, formatPNG, formatJPEG}

// Interpolate walks through the codes that samples are drawn from.
type Interpolate struct {
	From       string   `toml:"run" arg:"RUN" help:"the run: its name, number or path"`
	Seeds      []uint64 `help:"seeds of the samples to go to, in this order"`
	Frames     int      `help:"pictures from one sample to the next"`
	Loop       bool     `help:"go on from the last sample to the first"`
	Class      string   `help:"class to draw, of a run that was trained by class"`
	Truncation float64  `help:"how far samples are from the mean of what there is, 0 to 1"`
	Scale      int      `help:"side of the square that a pixel becomes in what moves; 0 makes pictures large enough to be seen"`
	Rate       int      `help:"pictures a second"`
	Format     string   `help:"gif, apng or webp, which move, or png or jpeg, a sheet with a row for each way; if empty, by the extension of the file, or gif"`

	file string // that it goes to
}

// Example implements [App].
func (a *Interpolate) Example() string { return "0001-fashion --seeds 1,7,12 -o walk.gif" }

func (a *Interpolate) name() string { return interpolateApp }

// Gather implements [Gatherer].
func (a *Interpolate) Gather(file string) { a.file = file }

// ways is how many ways there are between samples.
func (a *Interpolate) ways() int {
	if a.Loop {
		return len(a.Seeds)
	}
	return len(a.Seeds) - 1
}

// Check reports an input that is out of range.
func (a *Interpolate) Check() error {
	switch {
	case len(a.Seeds) < 2:
		return registry.Unfit("seeds", fmt.Sprintf("want at least 2, such as 1,7,12; got %d", len(a.Seeds)))
	case a.Frames < 1 || a.Frames > mostFrames/len(a.Seeds):
		return registry.Unfit("frames", fmt.Sprintf("want 1 to %d between each two of %d seeds, got %d", mostFrames/len(a.Seeds), len(a.Seeds), a.Frames))
	case a.Scale < 0 || a.Scale > mostScale:
		return registry.Unfit("scale", fmt.Sprintf("want 1 to %d, or 0, got %d", mostScale, a.Scale))
	case a.Rate < 1 || a.Rate > mostRate:
		return registry.Unfit("rate", fmt.Sprintf("want 1 to %d pictures a second, got %d", mostRate, a.Rate))
	}
	if err := run.CheckTruncation(a.Truncation); err != nil {
		return err
	}
	_, err := formatFor(a.Format, a.file, walkFormats)
	return err
}

// Run implements [App].
func (a *Interpolate) Run(ctx context.Context, env *Env) error {
	if err := a.Check(); err != nil {
		return badinput.Mark(err)
	}
	var err error
	if a.Format, err = formatFor(a.Format, a.file, walkFormats); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.Studio.Open(a.From)
	if err != nil {
		return err
	}
	s, codes, err := steer(ctx, r, a.Seeds, a.Class, a.Truncation)
	if err != nil {
		return err
	}
	if err := oneClass(r, codes, a.Seeds); err != nil {
		return err
	}
	still := slices.Contains(stillFormats[:2], a.Format)
	if err := a.fits(r.Spec.Target(), still); err != nil {
		return err
	}
	seeds := ""
	for _, seed := range a.Seeds[:min(len(a.Seeds), 8)] {
		if len(seeds) <= longestPart {
			seeds += fmt.Sprintf("-%d", seed)
		}
	}
	name := r.Dir.Name() + seeds
	if err := env.expect(name + extensions[a.Format][0]); err != nil {
		return err
	}
	all, err := a.walk(ctx, env, s, codes)
	if err != nil {
		return err
	}
	if still {
		return env.emitSheet(a, r, all, sheetOf{name: name, perRow: a.Frames, format: a.Format, label: a.Class, seeds: a.Seeds})
	}
	return a.emitMoving(env, r, all, name)
}

// steer opens a run's codes of pictures, those of the seeds truncated.
func steer(ctx context.Context, r *run.Run, seeds []uint64, class string, truncation float64) (*family.Steering, *data.Batch, error) {
	if target := r.Spec.Target(); target.Kind != data.Pixels {
		return nil, nil, badinput.Errorf("run %s draws no pictures but %s", r.Dir.Name(), target)
	}
	s, err := r.Steering()
	if err != nil {
		return nil, nil, err
	}
	conditions, err := r.OfClass(len(seeds), class)
	if err != nil {
		return nil, nil, err
	}
	codes, err := s.Codes(ctx, seeds, conditions)
	if err == nil {
		err = s.Truncate(ctx, codes, truncation)
	}
	return s, codes, err
}

// oneClass refuses codes of several classes, between which there is nothing.
func oneClass(r *run.Run, codes *data.Batch, seeds []uint64) error {
	labels := codes.Column(data.Label)
	if labels == nil {
		return nil
	}
	for i, class := range labels.Ints {
		if class != labels.Ints[0] {
			names := labels.Field.Classes
			return badinput.Errorf("run %s draws by class, seed %d gives %q and seed %d %q, and nothing lies between classes: name one with --class", r.Dir.Name(), seeds[0], names[labels.Ints[0]], seeds[i], names[class])
		}
	}
	return nil
}

// walk draws all pictures of the walk. The samples of the seeds are among them, to the
// last bit.
func (a *Interpolate) walk(ctx context.Context, env *Env, s *family.Steering, codes *data.Batch) (*data.Column, error) {
	all := &data.Column{}
	done, total := 0, a.ways()*a.Frames
	if !a.Loop {
		total++
	}
	draw := func(b *data.Batch) error {
		for sample, err := range s.Samples(ctx, b) {
			if err != nil {
				return err
			}
			c := sample.Column(data.Target)
			all.Field, all.Floats = c.Field, append(all.Floats, c.Floats...)
			done++
			env.progress(done, total)
		}
		return nil
	}
	shares := make([]float64, a.Frames)
	for k := range shares {
		shares[k] = float64(k) / float64(a.Frames)
	}
	for i := range a.ways() {
		if err := draw(s.Between(codes, i, (i+1)%codes.N, shares)); err != nil {
			return nil, err
		}
	}
	if !a.Loop {
		return all, draw(codes.Rows(codes.N-1, codes.N))
	}
	return all, nil
}

// mostSides are the most pixels on a side of formats that move.
var mostSides = map[string]int{formatGIF: math.MaxUint16, formatWebP: 1<<14 - 1, formatAPNG: math.MaxInt32}

// fits refuses what is larger than its format, or the memory there is, can hold.
func (a *Interpolate) fits(target data.Field, still bool) error {
	if still {
		switch columns, rows := sheetRoom(target, a.Format); {
		case a.Frames > columns:
			return unfitSheet("frames", a.Format, columns, a.Frames)
		case len(a.Seeds) > rows:
			return unfitSheet("seeds", a.Format, rows, len(a.Seeds))
		}
		return roomFor("frames", a.Frames*len(a.Seeds), target, 1)
	}
	scale, side := a.scale(target), max(target.Shape[0], target.Shape[1])
	if most := mostSides[a.Format] / side; scale > most {
		return badinput.Mark(registry.Unfit("scale", fmt.Sprintf("want at most %d for %s, whose pictures have no more than %d pixels on a side, got %d", most, a.Format, mostSides[a.Format], scale)))
	}
	return roomFor("frames", a.Frames*len(a.Seeds), target, scale)
}

// matches refuses a file that is none of the walk: of another size or number of frames.
func (a *Interpolate) matches(file []byte, target data.Field) error {
	if _, moves := mostSides[a.Format]; !moves || target.Kind != data.Pixels {
		return nil
	}
	f, err := picture.Open(file)
	if err != nil {
		return badinput.Mark(err)
	}
	n, _, err := animation.Frames(file)
	if err != nil {
		return badinput.Mark(err)
	}
	scale, frames := a.scale(target), a.ways()*a.Frames
	if !a.Loop {
		frames++
	}
	if width, height := scale*target.Shape[1], scale*target.Shape[0]; f.Width != width || f.Height != height || n != frames {
		return badinput.Errorf("the label tells of %d frames of %d×%d pixels, and the file has %d of %d×%d: it was changed since", frames, width, height, n, f.Width, f.Height)
	}
	return nil
}

// scale is the side of the square that a pixel becomes in what moves.
func (a *Interpolate) scale(target data.Field) int {
	return cmp.Or(a.Scale, max(1, leastSide/max(target.Shape[0], target.Shape[1])))
}

func (a *Interpolate) emitMoving(env *Env, r *run.Run, all *data.Column, name string) error {
	frames, err := codec.Pictures(all, a.scale(all.Field))
	if err != nil {
		return err
	}
	format := animation.Format(a.Format)
	file, err := format.Encode(frames, time.Second/time.Duration(a.Rate))
	if err != nil {
		return err
	}
	item := data.Item{Name: name + extensions[a.Format][0], MediaType: format.MediaType(), Bytes: file, Label: a.Class}
	return env.emit(a, r, item, a.Seeds, nil)
}
