package patch

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// A countdown is a context that is done after it was asked so many times.
type countdown struct {
	context.Context
	left, after atomic.Int64 // after is how often it was asked from then on
}

func (c *countdown) Err() error {
	if c.left.Add(-1) >= 0 {
		return nil
	}
	c.after.Add(1)
	return context.Canceled
}

// A filling ends wherever it is stopped, and before it has begun with the next step: each
// looks for itself, once for a task of those that run at once.
func TestFillStops(t *testing.T) {
	img := landscape(60, 48)
	canvas, hole := Extended(img, image.Pt(90, 48), image.Pt(30, 0))
	for _, started := range []bool{false, true} {
		whole := &countdown{Context: t.Context()}
		whole.left.Store(1 << 40)
		if _, _, err := Fill(whole, usual, canvas, hole, Filling{Seed: 1, Started: started}, nil); err != nil {
			t.Fatal(err)
		}
		asked := 1<<40 - whole.left.Load()
		for n := int64(0); n < asked; n += max(asked/40, 1) {
			ctx := &countdown{Context: t.Context()}
			ctx.left.Store(n)
			out, _, err := Fill(ctx, usual, canvas, hole, Filling{Seed: 1, Started: started}, nil)
			if out != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("stopped when asked for the %dth time of %d: %v", n, asked, err)
			}
			if after := ctx.after.Load(); after > 100 {
				t.Errorf("stopped when asked for the %dth time of %d, and asked %d times more", n, asked, after)
			}
		}
	}
}

// What is ranked is what sorting finds.
func TestRanked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, noCost), 1, 50).Draw(t, "values")
		place := rapid.IntRange(0, len(values)-1).Draw(t, "place")
		got, err := ranked(context.Background(), values, place)
		slices.Sort(values)
		if err != nil || got != values[place] {
			t.Fatalf("%d, %v; want %d", got, err, values[place])
		}
	})
}
