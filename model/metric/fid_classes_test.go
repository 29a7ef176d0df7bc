package metric

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
	"atelier/model/feature"
)

// TestDistancesWithin: two classes of points on a line, of 60 each at -1 and 1 in
// turn; the fakes are the same but for the second class, which lies 3 further on, and
// the training examples lie 0.5 further on: 0, 9 and 0.25.
func TestDistancesWithin(t *testing.T) {
	line := func(n int, shift float64) feature.Points {
		p := feature.Points{N: n, Width: 1}
		for i := range n {
			p.Features = append(p.Features, shift+float64(2*(i%2)-1))
		}
		return p
	}
	draw := classDraw{
		real:  []feature.Points{line(60, 0), line(60, 10), line(60, 20)},
		fake:  []feature.Points{line(60, 0), line(60, 13), line(48, 20)},
		train: []feature.Points{line(80, 0.5), line(80, 10.5), line(80, 20.5)},
	}
	w, err := distancesWithin([]classDraw{draw, draw}, 3)
	if err != nil {
		t.Fatal(err)
	}
	for c, want := range []float64{0, 9} {
		near(t, "fakes", w.fakes[1][c], want, 1e-9)
		near(t, "floor", w.floors[1][c], 0.25, 1e-9)
	}
	near(t, "mean", w.mean(w.fakes[0]), 4.5, 1e-9)
	if w.worst() != 1 || !math.IsNaN(w.fakes[0][2]) || !slices.Equal(w.counts, []int{60, 60, 48}) {
		t.Errorf("worst %d, counts %v, distances %v", w.worst(), w.counts, w.fakes)
	}
	var s Score
	w.remark(&s, []string{"a", "b", "c"}, true)
	if !strings.Contains(s.Note, "at least 60") || !strings.Contains(s.Note, "without c, of fewer than 50") {
		t.Errorf("note %q", s.Note)
	}
}

// TestClassesOfFakes: a conditional model that draws the other class, each perfectly,
// is as good as real without the classes, and far off within them. Without labels the
// classifier sorts, and finds nothing wrong.
func TestClassesOfFakes(t *testing.T) {
	toned := func(n int, key ...uint64) *data.Batch {
		b := grey(n, key...)
		x, y := b.Column(data.Target), b.Column(data.Label)
		rng := noise.Stream(21, key...)
		for i := range n {
			y.Ints[i] = int32(rng.IntN(2))
			for j, v := range x.Row(i) {
				x.Row(i)[j] = v/2 + float32(y.Ints[i]) - 0.5 // the bright are at 0.5
			}
		}
		return b
	}
	whole := func(fakes func(b *data.Batch)) *Evaluation {
		e := complete()
		e.Reals = func(split data.Split, n, draw int) (*data.Batch, error) {
			return toned(min(n, 1000), uint64(len(split)), uint64(draw)), nil
		}
		e.Fakes = func(_ context.Context, n, draw int) (*data.Batch, error) {
			b := toned(n, 99, uint64(draw))
			fakes(b)
			return b, nil
		}
		return e
	}
	measured := func(name string, e *Evaluation) []Score {
		t.Helper()
		m, err := Metrics.New(name)
		if err != nil {
			t.Fatal(err)
		}
		scores, err := m.Measure(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return scores
	}
	swap := func(b *data.Batch) {
		for i := range b.Column(data.Label).Ints {
			b.Column(data.Label).Ints[i] = 1 - b.Column(data.Label).Ints[i]
		}
	}
	unlabelled := func(b *data.Batch) { b.Columns = b.Columns[:1] }
	// All 16 pixels are 1 off: 16.
	for _, s := range measured("fid_classes", whole(swap)) {
		near(t, s.Name+" of swapped classes", s.Value, 16, 1)
	}
	if s := measured("fid2k", whole(swap))[0]; s.Value > 1 {
		t.Errorf("without classes %v", s)
	}
	scores := measured("fid_classes", whole(unlabelled))
	near(t, "sorted by the classifier", scores[0].Value, *scores[0].Floor, 0.1)
	if !strings.Contains(scores[0].Note, "by the classifier") || !strings.Contains(scores[1].Note, `that of "`) {
		t.Errorf("%v", scores)
	}
}
