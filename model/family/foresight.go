package family

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/noise"
	"atelier/model/train"
)

// A Continuing model predicts how clips go on. Its sampler takes a clip as the condition
// [data.Target], of at least the given frames, and returns it with the frames after those replaced
// by predicted ones.
type Continuing interface {
	Conditioned
	// GivenFrames is the number of frames that it predicts from.
	GivenFrames() int
}

// foresight is what models that predict so many frames ahead of given ones have in common.
type foresight struct {
	given, ahead int
	spec         data.Spec
}

// newForesight refuses data that the model of a name cannot learn frames ahead from.
func newForesight(name string, given, ahead int, spec data.Spec) (foresight, error) {
	f, target := foresight{given, ahead, spec}, spec.Target()
	if target.Kind != data.Frames {
		return f, fmt.Errorf("the model %s learns clips, but the data is %s; the codec clip reads such", name, spec)
	}
	if target.Shape[0] < f.window() {
		return f, fmt.Errorf("the model %s learns %d frames from %d, but clips have %d; set codec.frames to %d or more, or model.given or model.ahead lower", name, ahead, given, target.Shape[0], f.window())
	}
	return f, nil
}

// GivenFrames implements [Continuing].
func (f foresight) GivenFrames() int { return f.given }

// Needs implements [Conditioned]: the clip that goes on.
func (f foresight) Needs() []string { return []string{data.Target} }

// window is the number of frames of a training example.
func (f foresight) window() int { return f.given + f.ahead }

// windowColumn holds the frames of an example that an update learns from.
const windowColumn = "window"

// windowField is a target of that many frames.
func (f foresight) windowField() data.Field {
	field := f.spec.Target()
	field.Shape = append([]int{f.window()}, field.Shape[1:]...)
	return field
}

// windows are cut out of the clips of a batch, one each, at multiples of so many frames that depend
// only on the run's seed, the step and the update.
func (f foresight) windows(t train.Turn, every int) data.Column {
	cut := data.NewColumn(f.windowField(), t.Batch.N)
	cut.Field.Name = windowColumn
	rng := noise.Stream(t.Seed, sampleNoise, uint64(t.Step), uint64(t.Index))
	target := t.Batch.Column(data.Target)
	room, frame := target.Field.Shape[0]-f.window(), target.Field.Frame().Size()
	for i := range t.Batch.N {
		at := rng.IntN(room/every+1) * every * frame
		copy(cut.Row(i), target.Row(i)[at:])
	}
	return cut
}

// sampler draws by a function that predicts the frames ahead, one clip after the other, of the given
// ones, [n, given, height, width, channels], of at most [AtOnce] clips. What is drawn depends on
// the condition alone.
func (f foresight) sampler(next func(context.Context, *data.Column, int) ([]float32, error)) Sampler {
	return func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			given, err := f.condition(conditions)
			for from := 0; err == nil && from < len(seeds); from += AtOnce {
				var drawn *data.Batch
				to := min(from+AtOnce, len(seeds))
				if drawn, err = f.goOn(ctx, next, conditions.Rows(from, to), given.Field); err != nil {
					break
				}
				for i := range drawn.N {
					if !yield(drawn.Rows(i, i+1), nil) {
						return
					}
				}
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}
}

// condition is the column of the clips that go on.
func (f foresight) condition(conditions *data.Batch) (*data.Column, error) {
	c, own := conditions.Column(data.Target), f.spec.Target()
	switch {
	case c == nil:
		return nil, badinput.Errorf("the model predicts how clips go on: it needs one, as in atelier continue FILE --run RUN")
	case c.Field.Kind != data.Frames || !slices.Equal(c.Field.Shape[1:], own.Shape[1:]):
		return nil, badinput.Errorf("the clip is %v; the model predicts frames of %d×%d pixels and %d channels", c.Field, own.Shape[2], own.Shape[1], own.Shape[3])
	case c.Field.Shape[0] < f.given:
		return nil, badinput.Errorf("the clip has %d frames; the model predicts from %d", c.Field.Shape[0], f.given)
	}
	return c, nil
}

// goOn predicts all frames after the given ones.
func (f foresight) goOn(ctx context.Context, next func(context.Context, *data.Column, int) ([]float32, error), clips *data.Batch, field data.Field) (*data.Batch, error) {
	frame := field.Frame().Size()
	out := &data.Batch{N: clips.N}
	if labels := clips.Column(data.Label); labels != nil {
		out.Set(*labels)
	}
	field.Name = data.Target
	whole := data.NewColumn(field, clips.N)
	copy(whole.Floats, clips.Column(data.Target).Floats)
	seen := field
	seen.Shape = append([]int{f.given}, field.Shape[1:]...)
	for t := f.given; t < field.Shape[0]; t += f.ahead {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		window := data.NewColumn(seen, clips.N)
		for i := range clips.N {
			copy(window.Row(i), whole.Row(i)[(t-f.given)*frame:])
		}
		got, err := next(ctx, &window, clips.N)
		if err != nil {
			return nil, err
		}
		for i := range clips.N { // as many as there is room for
			copy(whole.Row(i)[t*frame:], got[i*f.ahead*frame:(i+1)*f.ahead*frame])
		}
	}
	clamp(whole)
	out.Set(whole)
	return out, nil
}
