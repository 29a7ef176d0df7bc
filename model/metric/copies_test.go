package metric

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/noise"
)

const scapeSide = 24

// landscapes are pictures of a few soft blots each, far from each other.
func landscapes(n int, key uint64) *data.Column {
	c := data.NewColumn(data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{scapeSide, scapeSide, 1}, Low: -1, High: 1}, n)
	for i := range n {
		rng := noise.Stream(key, uint64(i))
		row := c.Row(i)
		for range 6 {
			x, y, wide, high := rng.Float64()*scapeSide, rng.Float64()*scapeSide, 2+3*rng.Float64(), rng.Float64()-0.5
			for at := range row {
				dx, dy := float64(at%scapeSide)-x, float64(at/scapeSide)-y
				row[at] += float32(high * math.Exp(-(dx*dx+dy*dy)/(2*wide*wide)))
			}
		}
	}
	return &c
}

// seen is each picture as it is seen at other places: from(x, y) says where its pixel x, y
// comes from.
func seen(c *data.Column, from func(x, y float64) (float64, float64)) *data.Column {
	out := &data.Column{Field: c.Field}
	for i := range len(c.Floats) / c.Field.Size() {
		t := thumbnail{scapeSide, scapeSide, 1, c.Row(i)}
		for at := range t.pixels {
			x, y := from(float64(at%scapeSide), float64(at/scapeSide))
			out.Floats = t.at(out.Floats, x, y)
		}
	}
	return out
}

// TestCopiesAreFound: whatever is done to a copy that leaves it one.
func TestCopiesAreFound(t *testing.T) {
	const last = scapeSide - 1.0
	known := landscapes(300, 1)
	own := &data.Column{Field: known.Field, Floats: known.Floats[:100*known.Field.Size()]}
	finder, err := newCopyFinder(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	darker := &data.Column{Field: own.Field, Floats: slices.Clone(own.Floats)}
	for i, v := range darker.Floats {
		darker.Floats[i] = 0.85*(v+1) - 1
	}
	for name, c := range map[string]struct {
		samples     *data.Column
		least, most float64
	}{
		"copies":               {own, 1, 1},
		"darker":               {darker, 0.99, 1},
		"shifted by a pixel":   {seen(own, func(x, y float64) (float64, float64) { return x + 1, y }), 0.97, 1},
		"shifted by two":       {seen(own, func(x, y float64) (float64, float64) { return x - 2, y + 1 }), 0.9, 1},
		"mirrored":             {seen(own, func(x, y float64) (float64, float64) { return last - x, y }), 0.99, 1},
		"cropped by a pixel":   {seen(own, func(x, y float64) (float64, float64) { return 1 + x*(last-2)/last, 1 + y*(last-2)/last }), 0.9, 1},
		"of another landscape": {landscapes(100, 2), 0, 0.02},
		"flat":                 {seen(own, func(_, _ float64) (float64, float64) { return 0, 0 }), 0, 0},
	} {
		ratios, err := finder.ratios(t.Context(), c.samples)
		if err != nil {
			t.Fatal(err)
		}
		if found := shareBelow(ratios, copyRatio); found < c.least || found > c.most {
			t.Errorf("%s: a share of %v is called copies, want %v to %v", name, found, c.least, c.most)
		}
	}
}

// TestMemorisedFindsATenth: some copies among what is new, and none in the held-out.
func TestMemorisedFindsATenth(t *testing.T) {
	known := landscapes(300, 1)
	of := func(c *data.Column, n int) *data.Batch {
		b := &data.Batch{N: n}
		b.Set(data.Column{Field: c.Field, Floats: c.Floats[:n*c.Field.Size()]})
		return b
	}
	mixed := landscapes(500, 3)
	copy(mixed.Floats, known.Floats[:50*known.Field.Size()])
	e := &Evaluation{
		Spec: data.Spec{Fields: []data.Field{known.Field}},
		Reals: func(split data.Split, n, _ int) (*data.Batch, error) {
			if split == data.Test {
				return of(landscapes(150, 2), min(n, 150)), nil
			}
			return of(known, min(n, 300)), nil
		},
		Fakes: func(_ context.Context, n, _ int) (*data.Batch, error) { return of(mixed, n), nil },
	}
	scores, err := (&memorised{Against: 60000}).Measure(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if s := scores[0]; s.Value < 10 || s.Value > 13 || *s.Floor > 1 || !strings.Contains(s.Note, "third nearest") {
		t.Errorf("a tenth are copies: %v", s)
	}
}

// TestCopyBound: held-out pictures lower the bound, as far as it may go.
func TestCopyBound(t *testing.T) {
	ratios := func(n int, near ...float64) []float64 {
		out := slices.Repeat([]float64{0.9}, n)
		copy(out, near)
		return out
	}
	for want, of := range map[float64][]float64{
		0.5:  ratios(200, 0.1),            // half a percent is nothing
		0.45: ratios(200, 0.4, 0.4, 0.45), // two are 1 %
		0.35: ratios(200, 0.1, 0.1, 0.1, 0.1),
	} {
		if got := copyBound(of); got != want {
			t.Errorf("the bound is %v, want %v", got, want)
		}
	}
	if got := copyBound(ratios(50, 0.1, 0.1)); got != 0.5 {
		t.Errorf("of few pictures: %v", got)
	}
}

// TestBlankPicturesAreTheSame: pictures without contrast differ from none of their kind, and one
// alone is no repeat.
func TestBlankPicturesAreTheSame(t *testing.T) {
	c := landscapes(20, 3)
	blank := func(i int, value float32) {
		for at := range c.Row(i) {
			c.Row(i)[at] = value
		}
	}
	blank(4, 0.5)
	alone, err := spacingsOf(t.Context(), c)
	if err != nil || alone[4] != 2 {
		t.Errorf("one blank picture: %v, %v; want 2", alone[4], err)
	}
	blank(9, -0.5)
	both, err := spacingsOf(t.Context(), c)
	if err != nil || both[4] != 0 || both[9] != 0 || both[5] == 0 {
		t.Errorf("two blank pictures: %v, %v, %v, %v; want 0, 0 and more", both[4], both[9], both[5], err)
	}
}
