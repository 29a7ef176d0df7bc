package metric

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"atelier/data"
)

// byBrightness teaches to name by the mean brightness of the classes.
func byBrightness(_ context.Context, examples *data.Batch, _ uint64) (Predictor, error) {
	bright := func(b *data.Batch, i int) (sum float32) {
		for _, v := range b.Column(data.Target).Row(i) {
			sum += v
		}
		return sum
	}
	sums, counts := make([]float32, 2), make([]float32, 2)
	for i, label := range examples.Column(data.Label).Ints {
		sums[label] += bright(examples, i)
		counts[label]++
	}
	return func(_ context.Context, b *data.Batch) ([]int, error) {
		out := make([]int, b.N)
		for i := range out {
			if v := bright(b, i); counts[1] > 0 && (v-sums[1]/counts[1])*(v-sums[1]/counts[1]) < (v-sums[0]/counts[0])*(v-sums[0]/counts[0]) {
				out[i] = 1
			}
		}
		return out, nil
	}, nil
}

// TestAccuracyByHand: six test examples, four of the first class. Who learned from
// fakes says 0, 0, 0, 1, 1, 0: 4/6 are right, 3/4 and 1/2. Who learned from reals says
// all but the last: 5/6, 1 and 1/2. The first class loses 1/4, the second nothing.
func TestAccuracyByHand(t *testing.T) {
	e := complete()
	e.Reals = func(split data.Split, n, draw int) (*data.Batch, error) {
		b := grey(6, uint64(len(split)))
		copy(b.Column(data.Label).Ints, []int32{0, 0, 0, 0, 1, 1})
		return b, nil
	}
	var asked []int
	e.Teach = func(_ context.Context, examples *data.Batch, seed uint64) (Predictor, error) {
		asked = append(asked, examples.N)
		says := []int{0, 0, 0, 0, 1, 0}
		if slices.Max(examples.Column(data.Label).Ints) == 0 { // the fakes of complete
			says = []int{0, 0, 0, 1, 1, 0}
		}
		return func(context.Context, *data.Batch) ([]int, error) { return says, nil }, nil
	}
	scores, err := cas{}.Measure(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]float64{{4. / 6, 5. / 6}, {3. / 4, 1}} {
		near(t, scores[i].Name, scores[i].Value, want[0], 1e-12)
		near(t, "floor of "+scores[i].Name, *scores[i].Floor, want[1], 1e-12)
	}
	if !strings.Contains(scores[1].Note, `of "dark"`) || !slices.Equal(asked, []int{6, 6, 6, 6, 6, 6}) {
		t.Errorf("%v; taught with %v examples", scores, asked)
	}
}

func TestAccuracyNeedsConditions(t *testing.T) {
	e := complete()
	e.Fakes = func(_ context.Context, n, draw int) (*data.Batch, error) {
		b := grey(n, 99)
		b.Columns = b.Columns[:1]
		return b, nil
	}
	if _, err := (cas{}).Measure(t.Context(), e); !errors.Is(err, ErrNotApplicable) || !strings.Contains(err.Error(), "by class") {
		t.Errorf("error %v", err)
	}
}
