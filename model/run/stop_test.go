package run

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/model/train"
)

// stopping are settings of a run whose weights stay as they are, and with them its scores:
// of those after the steps 2, 4, 6 and so on, the first is the best.
var stopping = []string{
	"steps=30", "save=3", "pictures=30", "model.d_optimizer.rate=0", "model.g_optimizer.rate=0", "model.ema=0", "model.generator.norm=none",
	`score={every=2, best="modes_reverse_kl", metrics=[{use="modes"}]}`, "stop.patience=2",
}

// Training ends once the scores have not improved so often.
func TestStopsEarly(t *testing.T) {
	s := studio(t)
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	r := trained(t, s, stopping...)
	if want := "training ends with step 6 of 30: modes_reverse_kl has not improved in 2 scores, since step 2"; !slices.Contains(notices, want) {
		t.Errorf("notices %q, want %q", notices, want)
	}
	if last, err := r.Dir.Saved(); err != nil || last != 6 {
		t.Errorf("ended with step %d, error %v", last, err)
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(scoresAt(scores, 6)); n == 0 || n != len(scoresAt(scores, 2)) {
		t.Errorf("%d scores of the last step", n)
	}
	if _, err := os.Stat(r.Dir.Path("fakes-000006.png")); err != nil {
		t.Error("the end has no preview")
	}
	for _, steps := range []int{0, 30} {
		_, err = s.ResumeTo(t.Context(), "tiny", steps)
		if !errors.Is(err, ErrDone) || !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "it ended with step 6, since modes_reverse_kl has not improved in 2 scores, since step 2; train it longer") {
			t.Errorf("resumed to %d: error %v", steps, err)
		}
	}
	// Asked for more, it has as much patience again.
	if _, err := s.ResumeTo(t.Context(), "tiny", 31); err != nil {
		t.Fatal(err)
	}
	if last, err := r.Dir.Saved(); err != nil || last != 10 {
		t.Errorf("asked for more, it ended with step %d, error %v", last, err)
	}
}

func scoresAt(all []Measured, step int) []Measured {
	return slices.DeleteFunc(slices.Clone(all), func(m Measured) bool { return m.Step != step })
}

// A run that was interrupted in any step, or while it was being scored, ends where one does
// that was not, with the same bytes.
func TestStopsEarlyResumed(t *testing.T) {
	end := func(s *Studio) string {
		d, err := OpenDir(s.Runs, "tiny")
		if err != nil {
			t.Fatal(err)
		}
		ck, _, err := d.Latest()
		if err != nil {
			t.Fatal(err)
		}
		return ck.Hash
	}
	s := studio(t)
	trained(t, s, stopping...)
	whole := end(s)
	for _, step := range []int{1, 4, 5} {
		s := studio(t)
		ctx, clear := stopAt(s, step)
		if _, err := s.Train(ctx, parse(t, stopping...)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		clear()
		if _, err := s.Resume(t.Context(), "tiny"); err != nil {
			t.Fatal(err)
		}
		if end(s) != whole {
			t.Errorf("interrupted in step %d, it ends with another checkpoint", step)
		}
	}
	for _, scoring := range []int{1, 3} {
		s := studio(t)
		ctx, cancel := context.WithCancel(t.Context())
		begun := 0
		s.Working = func(work string, done, _ int) {
			if work == "scoring" && done == 0 {
				if begun++; begun == scoring {
					cancel()
				}
			}
		}
		if _, err := s.Train(ctx, parse(t, stopping...)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if _, err := s.Resume(t.Context(), "tiny"); err != nil {
			t.Fatal(err)
		}
		if end(s) != whole {
			t.Errorf("interrupted in the scores of step %d, it ends with another checkpoint", 2*scoring)
		}
	}
}

func TestPatienceNeedsScores(t *testing.T) {
	for _, without := range []string{"score.every=0", `score.best=""`} {
		_, err := Parse("tiny.toml", []byte(tiny), append(slices.Clone(stopping), without)...)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "set score.every and score.best") {
			t.Errorf("%s: error %v", without, err)
		}
	}
}

// A hook can change the rates, which a run that is resumed keeps, and take the run back.
func TestHooksAct(t *testing.T) {
	s := studio(t)
	tr, err := s.newTrainer(t.Context(), parse(t, "save=2", "score.metrics=[]"))
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if err := tr.prepare(); err != nil {
		t.Fatal(err)
	}
	if tr.dir, err = CreateDir(s.Runs, "tiny", tr.writeFirst); err != nil {
		t.Fatal(err)
	}
	var rates []float64
	acted := map[string]bool{}
	once := func(name string, a *train.Action) error {
		if acted[name] {
			return nil
		}
		acted[name] = true
		return a
	}
	tr.acting = []train.Hook{func(_ context.Context, e train.Event) error {
		rates = append(rates, e.Rate)
		switch e.Step {
		case 3:
			return once("back", &train.Action{Back: true, Rate: 0.1, Reason: "too far"})
		case 4:
			return &train.Action{Rate: 0.5}
		case 5:
			return &train.Action{Stop: true, Reason: "enough"}
		}
		return nil
	}}
	if _, err := tr.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []float64{1, 1, 1, 0.1, 0.1, 0.05}; !slices.Equal(rates, want) {
		t.Errorf("rates %v, want %v", rates, want)
	}
	ck, err := s.latest(tr.dir)
	if err != nil {
		t.Fatal(err)
	}
	if st := ck.state; st.Loop.Step != 5 || st.Loop.Damping != 0.05 || st.Loop.Ended != "enough" || st.Failures != 1 {
		t.Errorf("state %+v", st)
	}
}
