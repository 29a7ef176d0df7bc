package run

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/model/metric"
)

// ofPictures trains a run on 300 pictures of noise for a step.
func ofPictures(t *testing.T, s *Studio) *Run {
	t.Helper()
	c := parse(t, `codec={use="image", size=8}`, "steps=1")
	c.Data.Value = plain(1, 300)
	r, err := s.Train(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The samples are those of the highest realism, and beside them lie the training pictures
// that are nearest.
func TestNeighbours(t *testing.T) {
	s := studio(t)
	r := ofPictures(t, s)
	got, err := r.Neighbours(t.Context(), 7, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	sampler, err := r.Sampler()
	if err != nil {
		t.Fatal(err)
	}
	pool, err := gather(sampler(t.Context(), Seeds(7, 256), nil), 256, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.load(t.Context(), r.Config, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.reals(data.Train, 300, 0)
	if err != nil {
		t.Fatal(err)
	}
	known := all.Column(data.Target)
	realism := realismOf(t, r, known, pool.Column(data.Target))
	best := slices.Sorted(slices.Values(realism))[256-3:]
	for i, seed := range got.Seeds {
		if have := realism[seed-7]; have != best[2-i] {
			t.Errorf("sample %d has realism %v, want %v", i, have, best[2-i])
		}
		if !slices.Equal(got.Samples.Row(i), pool.Column(data.Target).Row(int(seed-7))) {
			t.Errorf("sample %d is not that of seed %d", i, seed)
		}
	}
	same, err := r.NeighboursOf(t.Context(), got.Seeds, nil, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(same.Samples.Floats, got.Samples.Floats) || !slices.Equal(same.Beside[1].Pictures.Floats, got.Beside[1].Pictures.Floats) {
		t.Error("the samples of the same seeds have other neighbours")
	}
	if len(got.Beside) != 2 || got.Beside[0].Space != "pixels" || !strings.HasPrefix(got.Beside[1].Space, "random@") || !strings.Contains(got.Chosen, "realism in random@") {
		t.Fatalf("chosen by %s, beside %d", got.Chosen, len(got.Beside))
	}
	for i := range 3 {
		near, _ := metric.Nearest(got.Samples.Row(i), known, 2)
		for j, at := range near {
			if !slices.Equal(got.Beside[0].Pictures.Row(2*i+j), known.Row(at)) {
				t.Errorf("beside sample %d another picture than %d", i, at)
			}
		}
	}
}

// realismOf tells how deep samples lie among known pictures.
func realismOf(t *testing.T, r *Run, known, samples *data.Column) []float64 {
	t.Helper()
	space, err := r.Space()
	if err != nil {
		t.Fatal(err)
	}
	points, err := space.Embed(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	surface, err := metric.NewManifold(points, neighbourRadius)
	if err != nil {
		t.Fatal(err)
	}
	at, err := space.Embed(t.Context(), samples)
	if err != nil {
		t.Fatal(err)
	}
	realism, err := surface.Realism(at)
	if err != nil {
		t.Fatal(err)
	}
	return realism
}

func TestNeighboursRefuses(t *testing.T) {
	s := studio(t)
	r := ofPictures(t, s)
	if _, err := r.Neighbours(t.Context(), 0, 2, 301); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "300 training pictures, too few for 301") {
		t.Errorf("error %v", err)
	}
	if _, err := trained(t, s, "steps=1").Neighbours(t.Context(), 0, 2, 1); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "want a run trained on pictures") {
		t.Errorf("error %v", err)
	}
}
