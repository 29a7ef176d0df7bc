package run

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"atelier/data"
)

// Those who draw at once are drawn together, and each gets what it gets alone, whether a class is
// asked for or not; who gives up does not keep the others.
func TestDrawnTogether(t *testing.T) {
	s := studio(t)
	trained(t, s, "steps=2", "score.metrics=[]")
	draw := func(r *Run, i int) (string, error) {
		samples, err := r.Draw(t.Context(), Seeds(uint64(i), 1+i%3), nil, 1)
		if err != nil {
			return "", err
		}
		all := ""
		for b, err := range samples {
			if err != nil {
				return "", err
			}
			all += fmt.Sprint(b.Column(data.Target).Floats)
		}
		return all, nil
	}
	alone, err := s.Open("tiny")
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	const n = 40
	want := make([]string, n)
	for i := range want {
		if want[i], err = draw(alone, i); err != nil {
			t.Fatal(err)
		}
	}
	s.Loaded, s.Gather = NewLoaded(0), 5*time.Millisecond
	defer s.Loaded.Close()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			r, err := s.Open("tiny")
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			if got, err := draw(r, i); err != nil || got != want[i] {
				t.Errorf("request %d draws otherwise among others; error %v", i, err)
			}
		})
	}
	all.Wait()
}
