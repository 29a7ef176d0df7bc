package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/film"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

func init() {
	Apps.Add("interpolate", "interpolate between samples of a trained run: a film, an animated GIF, APNG or WebP, or a sheet",
		func() App {
			return &Interpolate{Seeds: []uint64{1, 2, 3, 4}, Frames: 24, Loop: true, Rate: 12, Truncation: 1}
		})
}

const (
	mostFrames = 3000
	leastSide  = 112 // pixels of an animation by default
)

var walkFormats = []string{formatGIF, formatAPNG, formatWebP, formatWebM, formatAVI, formatY4M, formatPNG, formatJPEG}

// Interpolate moves along a path through the codes of samples.
type Interpolate struct {
	From       Model    `toml:"run" arg:"RUN" needs:"steers" help:"the run: its name, number or path"`
	Seeds      []uint64 `min:"2" help:"seeds of the samples to interpolate between, in order"`
	Frames     int      `min:"1" max:"1500" help:"frames from one sample to the next"`
	Loop       bool     `help:"loop: also interpolate from the last sample to the first"`
	Class      string   `names:"classes" help:"class to generate, for a class-conditional run"`
	Truncation float64  `min:"0" max:"1" help:"truncation psi, 0 to 1: below 1, samples are more typical and less varied"`
	Scale      int      `min:"1" max:"64" help:"enlargement factor of an animation, in whole pixels; 0 makes small pictures large enough to see"`
	Rate       int      `min:"1" max:"50" help:"frames per second"`
	Format     string   `enum:"gif,apng,webp,webm,avi,y4m,png,jpeg" help:"gif, apng or webp (animation), webm, avi or y4m (film), or png or jpeg (a sheet with a row per pair of seeds); if empty, by the extension of the file, or gif"`
}

// Example implements [App].
func (a Interpolate) Example() string { return "0001-fashion --seeds 1,7,12 -o walk.gif" }

// ways is the number of segments of the path.
func (a *Interpolate) ways() int {
	if a.Loop {
		return len(a.Seeds)
	}
	return len(a.Seeds) - 1
}

// Check implements [Checker].
func (a Interpolate) Check(out Out) error {
	if a.Frames > mostFrames/len(a.Seeds) {
		return registry.Unfit("frames", fmt.Sprintf("want 1 to %d per segment with %d seeds, got %d", mostFrames/len(a.Seeds), len(a.Seeds), a.Frames))
	}
	_, err := formatFor(a.Format, out.File, walkFormats)
	return err
}

// Run implements [App].
func (a Interpolate) Run(ctx context.Context, env *Env) error {
	var err error
	if a.Format, err = formatFor(a.Format, env.Out.File, walkFormats); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.open(a.From)
	if err != nil {
		return err
	}
	s, codes, err := steer(ctx, r, a.Seeds, a.Class, a.Truncation)
	if err != nil {
		return err
	}
	if first := severalClasses(codes); first != "" {
		a.Class = first
		env.notice(fmt.Sprintf("run %s is class-conditional and interpolates within one class: all are drawn as %q, the class of seed %d; name another with --class", r.Dir.Name(), first, a.Seeds[0]))
		if s, codes, err = steer(ctx, r, a.Seeds, a.Class, a.Truncation); err != nil {
			return err
		}
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

// steer returns the steering of a run of pictures and the truncated codes of the seeds.
func steer(ctx context.Context, r *run.Run, seeds []uint64, class string, truncation float64) (*family.Steering, *data.Batch, error) {
	if err := r.CheckPictures(); err != nil {
		return nil, nil, err
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

// severalClasses is the class of the first of the codes if others have another, between
// which nothing can be interpolated; empty if all have the same.
func severalClasses(codes *data.Batch) string {
	labels := codes.Column(data.Label)
	if labels == nil {
		return ""
	}
	for _, class := range labels.Ints {
		if class != labels.Ints[0] {
			return labels.Field.Classes[labels.Ints[0]]
		}
	}
	return ""
}

// walk draws all frames. The samples of the seeds are among them, bit for bit.
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

// fits refuses what exceeds the limits of its format or the memory of the machine.
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
		return badinput.Mark(registry.Unfit("scale", fmt.Sprintf("want at most %d for %s, which allows %d pixels per side, got %d", most, a.Format, mostSides[a.Format], scale)))
	}
	return roomFor("frames", a.Frames*len(a.Seeds), target, scale)
}

// matches refuses a file of another size or number of frames than the label says.
func (a *Interpolate) matches(file []byte, target data.Field) error {
	if _, moves := mostSides[a.Format]; !moves || target.Kind != data.Pixels || a.Format == formatWebM {
		return nil
	}
	reel, err := film.Open(file)
	if err != nil {
		return badinput.Mark(err)
	}
	first, err := reel.Take(1)
	if err != nil {
		return badinput.Mark(err)
	}
	size, n := first[0].Bounds().Size(), reel.N
	scale, frames := a.scale(target), a.ways()*a.Frames
	if !a.Loop {
		frames++
	}
	if width, height := scale*target.Shape[1], scale*target.Shape[0]; size.X != width || size.Y != height || n != frames {
		return badinput.Errorf("the label says %d frames of %d×%d pixels, but the file has %d of %d×%d: it was changed since", frames, width, height, n, size.X, size.Y)
	}
	return nil
}

// scale is the enlargement factor of the animation.
func (a *Interpolate) scale(target data.Field) int {
	return cmp.Or(a.Scale, max(1, leastSide/max(target.Shape[0], target.Shape[1])))
}

func (a *Interpolate) emitMoving(env *Env, r *run.Run, all *data.Column, name string) error {
	frames, err := codec.Pictures(all, a.scale(all.Field))
	if err != nil {
		return err
	}
	file, mediaType, err := moving(a.Format, frames, a.Rate, nil)
	if err != nil {
		return err
	}
	item := data.Item{Name: name + extensions[a.Format][0], MediaType: mediaType, Bytes: file, Label: a.Class}
	return env.emit(*a, madeBy(r), item, a.Seeds)
}
