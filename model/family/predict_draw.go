package family

import (
	"context"
	"iter"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/arch"
	"atelier/model/graphs"
)

// A Continuing model predicts how clips go on. Its sampler takes a clip as the condition
// [data.Target], of at least the given frames, and returns it with the frames after those replaced
// by predicted ones.
type Continuing interface {
	Conditioned
	// GivenFrames is the number of frames that it predicts from.
	GivenFrames() int
}

// Sampler implements [Generative]. What is drawn depends on the condition alone.
func (m *predict) Sampler(backend compute.Backend, store *model.Store) (Sampler, error) {
	scope := predictorScope
	if m.EMA > 0 {
		scope = emaPredictorScope
	}
	next := graphs.New(backend, store, drawGraphs, func(_ *model.Scope, in []*graph.Node) *graph.Node {
		store.SetTraining(in[0].Graph(), false)
		return arch.Joined(m.warp.Next(store.Scope(scope), arch.Split(in[0], 0, m.Given)))
	})
	return func(ctx context.Context, seeds []uint64, conditions *data.Batch) iter.Seq2[*data.Batch, error] {
		return func(yield func(*data.Batch, error) bool) {
			given, err := m.given(conditions)
			for from := 0; err == nil && from < len(seeds); from += drawSize {
				var drawn *data.Batch
				to := min(from+drawSize, len(seeds))
				if drawn, err = m.goOn(ctx, next, conditions.Rows(from, to), given.Field); err != nil {
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
	}, nil
}

// given is the column of the clips that go on.
func (m *predict) given(conditions *data.Batch) (*data.Column, error) {
	c, own := conditions.Column(data.Target), m.spec.Target()
	switch {
	case c == nil:
		return nil, badinput.Errorf("the model predicts how clips go on: it needs one, as in atelier continue FILE --model RUN")
	case c.Field.Kind != data.Frames || !slices.Equal(c.Field.Shape[1:], own.Shape[1:]):
		return nil, badinput.Errorf("the clip is %v; the model predicts frames of %d×%d pixels and %d channels", c.Field, own.Shape[2], own.Shape[1], own.Shape[3])
	case c.Field.Shape[0] < m.Given:
		return nil, badinput.Errorf("the clip has %d frames; the model predicts from %d", c.Field.Shape[0], m.Given)
	}
	return c, nil
}

// goOn predicts all frames after the given ones, of at most drawSize clips at once.
func (m *predict) goOn(ctx context.Context, next *graphs.Cache, clips *data.Batch, f data.Field) (*data.Batch, error) {
	frame := f.Frame().Size()
	out := &data.Batch{N: clips.N}
	if labels := clips.Column(data.Label); labels != nil {
		out.Set(*labels)
	}
	f.Name = data.Target
	whole := data.NewColumn(f, clips.N)
	copy(whole.Floats, clips.Column(data.Target).Floats)
	seen := f
	seen.Shape = append([]int{m.Given}, f.Shape[1:]...)
	for t := m.Given; t < f.Shape[0]; t += m.Ahead {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := &data.Batch{N: clips.N}
		window := data.NewColumn(seen, clips.N)
		for i := range clips.N {
			copy(window.Row(i), whole.Row(i)[(t-m.Given)*frame:])
		}
		part.Set(window)
		got, err := call(next, part, data.Target)
		if err != nil {
			return nil, err
		}
		for i := range clips.N { // as many as there is room for
			copy(whole.Row(i)[t*frame:], got[i*m.Ahead*frame:(i+1)*m.Ahead*frame])
		}
	}
	clamp(whole)
	out.Set(whole)
	return out, nil
}
