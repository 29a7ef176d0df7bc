package metric

import (
	"context"
	"math"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/feature"
)

// completeStacked is complete for pictures of one dark or bright pixel a channel, of
// which there are 8 modes.
func completeStacked() *Evaluation {
	f := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{1, 1, channels}, Low: -1, High: 1}
	pixels := func(n int, key ...uint64) *data.Batch {
		b := data.NewBatch(data.Spec{Fields: []data.Field{f}}, n)
		rng := noise.Stream(31, key...)
		for i := range b.Columns[0].Floats {
			b.Columns[0].Floats[i] = float32(2*rng.IntN(2) - 1)
		}
		return b
	}
	return &Evaluation{
		Spec: data.Spec{Fields: []data.Field{f}},
		Reals: func(split data.Split, n, draw int) (*data.Batch, error) {
			return pixels(min(n, 30_000), uint64(len(split)), uint64(draw)), nil
		},
		Fakes: func(_ context.Context, n, draw int) (*data.Batch, error) { return pixels(n, 99, uint64(draw)), nil },
		Layer: func() (feature.Embedder, error) { return eye{}, nil },
	}
}

// A model that draws the first channel alone, dark or bright, finds 2 of 8 modes, with
// reverse KL ln(8/2). Of equal modes the reverse KL is on average 7/(2·25,600).
func TestStackedModes(t *testing.T) {
	e := completeStacked()
	e.Fakes = func(_ context.Context, n, draw int) (*data.Batch, error) {
		b := data.NewBatch(e.Spec, n)
		for i := range n {
			copy(b.Columns[0].Row(i), []float32{float32(2*(i%2) - 1), -1, -1})
		}
		return b, nil
	}
	scores, err := stackedModes{}.Measure(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "modes", scores[0].Value, 2, 0)
	near(t, "reverse KL", scores[1].Value, math.Log(4), 1e-9)
	near(t, "modes of reals", *scores[0].Floor, 8, 0)
	near(t, "reverse KL of reals", *scores[1].Floor, 7./(2*stackedSize), 3e-4)
}

func TestModesFoundByHand(t *testing.T) {
	found, kl := ModesFound([]int{0, 0, 3, 7}, 8)
	near(t, "found", float64(found), 3, 0)
	near(t, "reverse KL", kl, math.Log(8)-1.5*math.Ln2, 1e-12) // shares ½, ¼, ¼
}

func TestChannel(t *testing.T) {
	c := channel(column([]int{1, 2, 3}, data.Pixels, 1, 2, 3, 4, 5, 6), 1)
	if len(c.Floats) != 2 || c.Floats[0] != 2 || c.Floats[1] != 5 || c.Field.Size() != 2 {
		t.Errorf("%v", c)
	}
}
