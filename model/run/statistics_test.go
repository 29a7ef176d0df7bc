package run

import (
	"fmt"
	"math"
	"os"
	"testing"
)

func TestStatsResume(t *testing.T) {
	d := newDir(t)
	appendSteps(t, d, 0, 1, 2, 3, 4)
	f, err := os.OpenFile(d.Path(statsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"step":5,"lo`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	checkSteps(t, d, "[1 2 3 4]")
	appendSteps(t, d, 2, 3)
	checkSteps(t, d, "[1 2 3]")
}

func TestStatsNotFinite(t *testing.T) {
	d := newDir(t)
	s, err := d.OpenStats(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(map[string]any{"step": 1, "loss": math.NaN(), "rate": 2.5}); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(map[string]any{"loss": 1.0}); err == nil {
		t.Error("no step: no error")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(d.Path(statsFile)); err != nil || string(text) != `{"loss":null,"rate":2.5,"step":1}`+"\n" {
		t.Errorf("wrote %q, error %v", text, err)
	}
}

// appendSteps opens the statistics after a step and appends lines for others.
func appendSteps(t *testing.T, d *Dir, after int, steps ...int) {
	t.Helper()
	s, err := d.OpenStats(after)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := s.Append(map[string]any{"step": step, "loss": 0.5}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// checkSteps checks which steps the statistics hold.
func checkSteps(t *testing.T, d *Dir, want string) {
	t.Helper()
	stats, err := d.ReadStats()
	if err != nil {
		t.Fatal(err)
	}
	var steps []any
	for _, line := range stats.Lines {
		steps = append(steps, line["step"])
	}
	if got := fmt.Sprint(steps); got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
}
