package run

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"atelier/model/metric"
	"atelier/model/train"
)

// A run that is stopped in its last step has come to its end.
func TestStoppedInTheLastStep(t *testing.T) {
	s := studio(t)
	ctx, clear := stopAt(s, 6)
	r, err := s.Train(ctx, parse(t, "steps=6", "score.metrics=[]"))
	if err != nil || r.Step != 6 {
		t.Fatal(err)
	}
	clear()
	if _, err := s.Resume(t.Context(), "tiny"); !errors.Is(err, ErrDone) {
		t.Errorf("error %v", err)
	}
}

// One that is stopped before it is scored says so, and is only scored afterwards.
func TestStoppedBeforeScores(t *testing.T) {
	overrides := []string{"steps=6", `score.metrics=[{use="modes"}]`}
	s := studio(t)
	whole := bytesOf(t, trained(t, s, overrides...)) // which tells how long the scores take
	ctx, clear := stopAt(s, 6)
	_, err := s.Train(ctx, parse(t, overrides...))
	if want := "trained to its last step, 6, and saved; stopped before it was scored: score it with: atelier train --resume 0002-tiny"; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), want) {
		t.Fatalf("error %v, want %s", err, want)
	}
	clear()
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	r, err := s.Resume(t.Context(), "0002-tiny")
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(t, r) != whole || !slices.Contains(notices, "all 6 steps are trained; only the scores are missing") {
		t.Errorf("the same weights: %v; notices %q", bytesOf(t, r) == whole, notices)
	}
	if !slices.ContainsFunc(notices, func(line string) bool { return strings.HasPrefix(line, "scores in about ") }) {
		t.Errorf("how long the scores take is not said: %q", notices)
	}
	if scores, err := r.Dir.Scores(); err != nil || len(scores) == 0 {
		t.Errorf("scores %v, error %v", scores, err)
	}
}

// Scores of several evaluations at once are all kept, after a line that was cut short.
func TestScoresOfSeveral(t *testing.T) {
	d := newDir(t)
	if err := os.WriteFile(d.Path("metric-a.jsonl"), []byte(`{"format":1,"ste`), 0o666); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if err := d.record(studio(t), i, []metric.Score{{Name: "a"}, {Name: "b"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	scores, err := d.Scores()
	if err != nil || len(scores) != 32 {
		t.Fatalf("%d scores, error %v", len(scores), err)
	}
	for i := range 16 {
		for _, name := range []string{"a", "b"} {
			if !slices.ContainsFunc(scores, func(m Measured) bool { return m.Step == i && m.Name == name }) {
				t.Errorf("the score %s of step %d is lost", name, i)
			}
		}
	}
}

// Work beside the training tells how far it has come, and can be stopped in between.
func TestWorkIsTold(t *testing.T) {
	overrides := []string{"steps=6", `score.metrics=[{use="modes"}]`}
	s := studio(t)
	told := map[string]int{}
	s.Working = func(work string, done, _ int) { told[work] = done }
	trained(t, s, overrides...)
	for work, atLeast := range map[string]int{"reading works:": 64, "scoring": 0, "drawing samples for scores, 3 of 3:": 500} {
		if n, ok := told[work]; !ok || n < atLeast {
			t.Errorf("%s: told %d (%v); all: %v", work, n, ok, told)
		}
	}
	for work, want := range map[string]string{
		"reading works:": "stopped before the run started; nothing was written",
		"drawing samples for scores, 1 of 3:": "trained to its last step, 6, and saved; stopped before it was scored: " +
			"score it with: atelier train --resume 0001-tiny",
	} {
		s := studio(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.Working = func(now string, done, _ int) {
			if now == work && done >= 10 {
				cancel()
			}
		}
		if _, err := s.Train(ctx, parse(t, overrides...)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("stopped while %s: %v, want %s", work, err, want)
		}
	}
}

// A run that is trained longer becomes what it would have been from the start, where the
// schedule does not look at the number of steps.
func TestTrainedLonger(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t), "steps=20", "score.metrics=[]"))
	s := studio(t)
	trained(t, s, "steps=12", "score.metrics=[]")
	for steps, want := range map[int]string{8: "but not set to 8", 12: "already trained to its last step"} {
		if _, err := s.ResumeTo(t.Context(), "tiny", steps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d steps: %v, want %s", steps, err, want)
		}
	}
	// As if it had been interrupted once the run file was written.
	dir, err := OpenDir(s.Runs, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	text, err := dir.ConfigText()
	if err != nil {
		t.Fatal(err)
	}
	halfway := strings.Replace(string(text), "steps = 12", "steps = 20", 1)
	if err := os.WriteFile(dir.Path(configFile), []byte(halfway), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resume(t.Context(), "tiny"); err == nil || !strings.Contains(err.Error(), "steps was 12 and is 20") {
		t.Errorf("an edited run file: %v", err)
	}
	ctx, clear := stopAt(s, 15)
	if _, err := s.ResumeTo(ctx, "tiny", 20); err == nil {
		t.Fatal("was not stopped")
	}
	clear()
	r, err := s.Resume(t.Context(), "tiny") // it is recorded
	if err != nil {
		t.Fatal(err)
	}
	if r.Step != 20 || bytesOf(t, r) != whole {
		t.Errorf("step %d, or other weights than of 20 steps from the start", r.Step)
	}
}

// The time that scoring takes is known from the last run of the same kind.
func TestScoringTime(t *testing.T) {
	s := studio(t)
	overrides := []string{"steps=3", `score.metrics=[{use="modes"}]`}
	var then []train.Event
	s.Progress = func(e train.Event) { then = append(then, e) }
	trained(t, s, overrides...)
	trained(t, s, overrides...)
	trained(t, s, "steps=3", "score.metrics=[]")
	if then[0].Then != "scores" || then[0].ThenTakes != 0 || then[3].ThenTakes <= 0 || then[6].Then != "" {
		t.Errorf("%+v", then)
	}
}
