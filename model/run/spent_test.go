package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// A run stops before the step that could exceed its budget, goes on with a larger one, and ends with
// the same bytes as one that was not stopped.
func TestBudgetOfEnergy(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t)))
	s := studio(t)
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	s.Budget = 1e-6
	r := trained(t, s)
	if last := notices[len(notices)-1]; r.Step != 1 || !strings.HasPrefix(last, "stopped at step 1 of 60 with ") || !strings.Contains(last, "nothing is scored; resume with: atelier train --resume 0001-tiny") {
		t.Errorf("step %d, %q", r.Step, last)
	}
	if scores, err := r.Dir.Scores(); err != nil || len(scores) > 0 {
		t.Errorf("%d scores, %v", len(scores), err)
	}
	_, err := s.Resume(t.Context(), "tiny")
	if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "which is all of a budget of 1e-06 J: want a larger one") {
		t.Error(err)
	}
	before, ok := r.Dir.Spent()
	s.Budget = 1e12
	r, err = s.Resume(t.Context(), "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if got := bytesOf(t, r); got != whole {
		t.Error("the bytes differ from those of a run without a budget")
	}
	after, still := r.Dir.Spent()
	if !ok || !still || !(after.Total.High > before.Total.High) || after.Drawn == nil || after.Drawn.Samples < 64 {
		t.Errorf("%+v, then %+v", before, after)
	}
}

// The steps after the best checkpoint are what a run could have saved.
func TestSpentAfterBest(t *testing.T) {
	r := trained(t, studio(t), stopping...)
	if s, ok := r.Dir.Spent(); !ok || s.Best != 6 || s.After != nil {
		t.Errorf("the best is the last: %+v", s)
	}
	if err := r.Dir.MarkBest(4); err != nil {
		t.Fatal(err)
	}
	s, ok := r.Dir.Spent()
	if !ok || s.Best != 4 || s.Step != 6 || s.After == nil || !(s.After.High > 0 && s.After.High < s.Total.High) {
		t.Errorf("%+v", s)
	}
	file := filepath.Join(r.Dir.checkpoint(6), clockFile)
	for _, text := range []string{"", "{", `{"format":1}`, `{"format":1,"energy":{"low_joules":3,"high_joules":2,"seconds":1}}`, `{"format":1,"energy":{"seconds":-1}}`} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if s, ok := r.Dir.Spent(); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
}
