package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"atelier/model/metric"
)

// TestManyClassesAreFolded: of forty classes the table shows six, and every other score.
func TestManyClassesAreFolded(t *testing.T) {
	scores := []metric.Score{{Name: "fid2k", Value: 3}, {Name: "coverage", TooFew: true}}
	for i := range 40 {
		floor := 2.5
		scores = append(scores, metric.Score{Name: fmt.Sprintf("class_%02d", i), Value: float64((i * 7) % 40), Floor: &floor, Note: fmt.Sprintf("share of %q", fmt.Sprint("c", i))})
	}
	kept, left := folded(scores)
	var names []string
	for _, s := range kept {
		names = append(names, s.Name)
	}
	// 7i mod 40 is 0, 1, 2 for i = 0, 23, 6 and 37, 38, 39 for i = 11, 34, 17.
	if got, want := strings.Join(names, " "), "fid2k coverage class_00 class_06 class_11 class_17 class_23 class_34"; got != want || left != 34 {
		t.Errorf("kept %s, left out %d; want %s", got, left, want)
	}
	if kept, left := folded(scores[:12]); len(kept) != 12 || left != 0 {
		t.Errorf("of ten classes %d are left out", left)
	}
	var out bytes.Buffer
	c := &cli{console: &console{out: &out}}
	c.scores(scores)
	for _, want := range []string{"34 more classes", "coverage\ttoo few to tell\t"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nwant %q", out.String(), want)
		}
	}
}
