package app

import (
	"context"
	"fmt"
	"image"

	"atelier/data"
	"atelier/data/codec"
	"atelier/internal/badinput"
	"atelier/internal/film"
	"atelier/internal/registry"
	"atelier/model/family"
	"atelier/model/run"
)

// mostGoingOn is the largest number of frames of a clip that goes on.
const mostGoingOn = 2000

// checkPieceFormat refuses the format of a clip for a piece of music.
func checkPieceFormat(asked string, out Out) error {
	_, err := formatFor(asked, out.File, pieceFormats)
	return badinput.Mark(err)
}

// clip adds frames behind a clip, predicted from its last ones. The clip is cropped and resized to
// what the run was trained on.
func (c Continue) clip(ctx context.Context, env *Env) (err error) {
	if c.From == "" {
		return badinput.Mark(registry.Unfit("run", fmt.Sprintf("%s is a clip: want a run that predicts its frames, such as one of the recipe moving", c.Piece.Name)))
	}
	if c.Format, err = formatFor(c.Format, env.Out.File, clipFormats); err != nil {
		return badinput.Mark(err)
	}
	r, err := env.open(c.From)
	if err != nil {
		return err
	}
	m, takes, err := r.Continuing()
	if err != nil {
		return err
	}
	reel, err := film.Open(c.Piece.Bytes)
	switch {
	case err != nil:
		return badinput.Errorf("%s: %w", c.Piece.Name, err)
	case reel.N < m.GivenFrames():
		return badinput.Errorf("%s has %s; run %s predicts from %d", c.Piece.Name, Counted(reel.N, "frame"), r.Dir.Name(), m.GivenFrames())
	case reel.N > mostGoingOn:
		return badinput.Errorf("%s has %d frames; want at most %d", c.Piece.Name, reel.N, mostGoingOn)
	}
	name := stemOf(c.Piece.Name, "clip") + "-continued" + extensions[c.Format][0]
	if err := env.expect(name); err != nil {
		return err
	}
	clip, err := c.predicted(ctx, env, r, reel, m, takes)
	if err != nil {
		return err
	}
	if c.Format == formatPNG || c.Format == formatJPEG {
		return env.emitSheet(c, r, clip, sheetOf{name: stemOf(c.Piece.Name, "clip") + "-continued", perRow: clip.Field.Shape[0], format: c.Format})
	}
	frames, err := codec.Pictures(clip, clipZoom(clip.Field))
	if err != nil {
		return err
	}
	rate := reel.Rate
	if rate < 1 || rate > 50 {
		rate = clipRate
	}
	file, mediaType, err := moving(c.Format, frames, rate, nil)
	if err != nil {
		return err
	}
	return env.emit(c, madeBy(r), data.Item{Name: name, MediaType: mediaType, Bytes: file}, nil)
}

// predicted is the clip with the frames behind it.
func (c Continue) predicted(ctx context.Context, env *Env, r *run.Run, reel *film.Reel, m family.Continuing, takes *codec.Clip) (*data.Column, error) {
	every := *takes
	every.Every = 1
	whole := r.Spec.Target()
	whole.Shape = append([]int{reel.N + c.Frames}, whole.Shape[1:]...)
	if err := roomFor("frames", whole.Shape[0], whole.Frame(), clipZoom(whole)); err != nil {
		return nil, err
	}
	if err := c.sizes(env, reel, whole); err != nil {
		return nil, err
	}
	clip := data.NewColumn(whole, 1)
	if _, err := every.Take(ctx, c.Piece.Bytes, reel.N, clip.Floats); ctx.Err() != nil {
		return nil, ctx.Err()
	} else if err != nil {
		return nil, badinput.Errorf("%s: %w", c.Piece.Name, err)
	}
	// What was before the last given frames is not predicted from.
	from := (reel.N - m.GivenFrames()) * whole.Frame().Size()
	end := whole
	end.Shape = append([]int{m.GivenFrames() + c.Frames}, whole.Shape[1:]...)
	told := &data.Batch{N: 1}
	told.Set(data.Column{Field: end, Floats: clip.Floats[from:]})
	samples, err := r.Draw(ctx, []uint64{c.Seed}, told, 1)
	if err != nil {
		return nil, err
	}
	for b, err := range samples {
		if err != nil {
			return nil, err
		}
		copy(clip.Floats[from:], b.Column(data.Target).Floats)
	}
	return &clip, nil
}

// sizes says how a clip is changed before it goes on.
func (c Continue) sizes(env *Env, reel *film.Reel, to data.Field) error {
	first, err := reel.Take(1)
	if err != nil {
		return badinput.Errorf("%s: %w", c.Piece.Name, err)
	}
	if size := first[0].Bounds().Size(); size != image.Pt(to.Shape[2], to.Shape[1]) {
		env.say("%s has %d×%d pixels; its frames are cropped and resized to %d×%d, which the run was trained on", c.Piece.Name, size.X, size.Y, to.Shape[2], to.Shape[1])
	}
	return nil
}
