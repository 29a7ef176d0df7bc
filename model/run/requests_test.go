package run

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"atelier/data"
)

// A run that is open serves several requests at once, each as if it were alone.
func TestRequestsAtOnce(t *testing.T) {
	s := studio(t)
	trained(t, s, "steps=6", "score.metrics=[]")
	open := func() *Run { return must(s.Open("tiny")) }
	draw := func(r *Run, first uint64) (all []float32) {
		for b, err := range must(r.Draw(t.Context(), Seeds(first, 5), nil, 1)) {
			if err != nil {
				t.Error(err)
				return nil
			}
			all = append(all, b.Column(data.Target).Floats...)
		}
		return all
	}
	judge := func(r *Run) string {
		sampler, err := r.Sampler()
		if err != nil {
			t.Error(err)
		}
		n := 0
		for _, err := range sampler(t.Context(), Seeds(9, 3), nil) {
			if err != nil {
				t.Error(err)
			}
			n++
		}
		return fmt.Sprint(n)
	}
	alone := open()
	var want [][]float32
	for i := range 8 {
		want = append(want, draw(alone, uint64(100*i)))
	}
	shared := open()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if got := draw(shared, uint64(100*i)); !slices.Equal(got, want[i]) {
				t.Errorf("request %d drew other samples at once than alone", i)
			}
			if judge(shared) != "3" {
				t.Errorf("request %d", i)
			}
		})
	}
	all.Wait()
}
