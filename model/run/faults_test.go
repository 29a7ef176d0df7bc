package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	"atelier/internal/badinput"
	"atelier/internal/durable"
	"atelier/model/train"
	"atelier/model/weights"
)

// noted makes a studio keep its notices.
func noted(s *Studio) *[]string {
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	return &notices
}

// said reports whether one of the notices, each of one line, has a text in it.
func said(notices []string, text string) bool {
	return slices.ContainsFunc(notices, func(n string) bool { return strings.Contains(n, text) && !strings.Contains(n, "\n") })
}

// interrupted trains a run until a step.
func interrupted(t *testing.T, s *Studio, step int, overrides ...string) *Dir {
	t.Helper()
	ctx, clear := stopAt(s, step)
	if _, err := s.Train(ctx, parse(t, overrides...)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	clear()
	d, err := OpenDir(s.Runs, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// write replaces a file of a run.
func write(t *testing.T, d *Dir, text string, file ...string) {
	t.Helper()
	if err := os.WriteFile(d.Path(file...), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

const score = `{"format":1,"step":%d,"name":"x","value":%g,"better":"lower"}` + "\n"

// A damaged mark costs no checkpoint, and the scores on disk say which is the best.
func TestDamagedBestMark(t *testing.T) {
	for name, damage := range map[string]string{
		"no JSON": `{"form`, "empty": "", "another format": `{"format":7,"step":20}`, "a step that is not there": `{"format":1,"step":7}`,
		"a later step that is not there": `{"format":1,"step":70}`,
	} {
		s := studio(t)
		d := interrupted(t, s, 25, "score.best=x")
		write(t, d, fmt.Sprintf(score+score, 20, 0.5, 25, 0.75), "metric-x.jsonl")
		if err := d.MarkBest(20); err != nil {
			t.Fatal(err)
		}
		write(t, d, damage, checkpoints, bestFile)
		ck, warnings, err := d.Best()
		if err != nil || ck.Step != 20 || !said(warnings, "going by the scores on disk, the best checkpoint is step 20") {
			t.Errorf("%s: best %v, warnings %q, error %v", name, ck, warnings, err)
		}
		if found := d.Damage(math.MaxInt64); len(found) != 1 || !strings.Contains(found[0], bestFile) {
			t.Errorf("%s: damage %q", name, found)
		}
		notices := noted(s)
		if _, err := s.Resume(t.Context(), "tiny"); err != nil {
			t.Fatal(err)
		}
		if !said(*notices, "which is marked again") {
			t.Errorf("%s: notices %q", name, *notices)
		}
		if ck, warnings, err = d.Best(); err != nil || ck.Step != 20 || len(warnings) > 0 {
			t.Errorf("%s: resumed: best %v, warnings %q, error %v", name, ck, warnings, err)
		}
	}
}

// Where nothing tells which checkpoint is the best, all are kept.
func TestDamagedBestMarkWithoutScores(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 25)
	write(t, d, "{", checkpoints, bestFile)
	notices := noted(s)
	if _, err := s.Resume(t.Context(), "tiny"); err != nil {
		t.Fatal(err)
	}
	if steps, err := d.steps(); err != nil || fmt.Sprint(steps) != "[20 25 30 40 50 60]" {
		t.Errorf("steps %v, error %v", steps, err)
	}
	if n := slices.DeleteFunc(*notices, func(n string) bool { return !strings.Contains(n, "all checkpoints are kept") }); len(n) != 1 {
		t.Errorf("notices %q", n)
	}
}

// A damaged best checkpoint is reported, whatever is done with the run.
func TestDamagedBestCheckpoint(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 25)
	if err := d.MarkBest(20); err != nil {
		t.Fatal(err)
	}
	flip(t, filepath.Join(d.checkpoint(20), weightsFile))
	if found := d.Damage(math.MaxInt64); len(found) != 1 || !strings.Contains(found[0], "the checkpoint of step 20 cannot be used") {
		t.Errorf("damage %q", found)
	}
	for _, do := range []string{"resume", "resume what is done", "open"} {
		notices := noted(s)
		var err error
		if do == "open" {
			_, err = s.Open("tiny")
		} else {
			_, err = s.Resume(t.Context(), "tiny")
		}
		if err != nil && !errors.Is(err, ErrDone) {
			t.Fatal(err)
		}
		if !said(*notices, "it is the best one: restore it from a copy") {
			t.Errorf("%s: notices %q", do, *notices)
		}
	}
}

// Another engine or program that goes on is told, once, and written down.
func TestResumedByAnother(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 25)
	for _, c := range []struct {
		engine string
		until  int
		told   bool
		want   string
	}{
		{"other", 35, true, "[{25 test other}]"}, {"other", 45, false, "[{25 test other}]"}, {"go", 60, true, "[{25 test other} {45 test go}]"},
	} {
		s.Engine = c.engine
		notices := noted(s)
		ctx, clear := stopAt(s, c.until)
		if _, err := s.Resume(ctx, "tiny"); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		clear()
		if said(*notices, "the next ones by program test on engine "+c.engine) != c.told {
			t.Errorf("engine %s: notices %q", c.engine, *notices)
		}
		if f, err := d.Facts(); err != nil || fmt.Sprint(f.Continued) != c.want || f.Engine != "go" {
			t.Errorf("facts %+v, error %v, want %s", f, err, c.want)
		}
	}
}

// What another engine trained and was then lost is none of the run's.
func TestResumedByAnotherInVain(t *testing.T) {
	f := Facts{Program: "p", Engine: "a", Continued: []Continued{{10, "p", "b"}, {30, "p", "c"}}}
	for step, want := range map[int]string{0: "a", 10: "a", 11: "b", 30: "b", 31: "c"} {
		if got := f.last(step).Engine; got != want {
			t.Errorf("step %d is of engine %s, want %s", step, got, want)
		}
	}
}

// A run keeps its settings, however its run file is laid out.
func TestEditedRunFile(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 25)
	text, err := d.ConfigText()
	if err != nil {
		t.Fatal(err)
	}
	for old, c := range map[string][2]string{
		"steps = 60": {"steps = 80", "steps was 60 and is 80"}, "seed = 1": {"seed = 2", "seed was 1 and is 2"},
		"latent = 4": {"latent = 5", "model.latent was 4 and is 5"},
	} {
		changed := strings.Replace(string(text), old, c[0], 1)
		if changed == string(text) {
			t.Fatalf("no %s in %s", old, text)
		}
		write(t, d, changed, configFile)
		_, err := s.Resume(t.Context(), "tiny")
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c[1]) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "step 25") {
			t.Errorf("%s: error %v", old, err)
		}
	}
	write(t, d, strings.Replace(string(text), "batch = 16", "batch = 17", 1), configFile)
	notices := noted(s)
	if _, err := s.Open("tiny"); err != nil || !said(*notices, "batch was 16 and is 17; the changed file is used") {
		t.Errorf("notices %q, error %v", *notices, err)
	}
	write(t, d, "# a remark\n\n"+string(text), configFile)
	if _, err := s.Resume(t.Context(), "tiny"); err != nil {
		t.Error(err)
	}
}

// A run is there with its first checkpoint, or not at all.
func TestBegunWholeOrNot(t *testing.T) {
	root := t.TempDir()
	broken := errors.New("broken")
	_, err := CreateDir(root, "x", func(d *Dir) error {
		if all, damaged, err := Survey(root); len(all)+len(damaged) > 0 || err != nil {
			t.Errorf("listed before it is whole: %v, %v, error %v", all, damaged, err)
		}
		return errors.Join(os.WriteFile(d.Path(configFile), nil, 0o666), broken)
	})
	if !errors.Is(err, broken) || strings.Contains(err.Error(), "cannot write") {
		t.Errorf("error %v", err)
	}
	cut := filepath.Join(root, ".new-0123456789abcdef") // what a kill leaves
	if err := os.Mkdir(cut, 0o777); err != nil {
		t.Fatal(err)
	}
	if all, damaged, err := Survey(root); len(all)+len(damaged) > 0 || err != nil {
		t.Errorf("listed %v, %v, error %v", all, damaged, err)
	}
	d, err := CreateDir(root, "x", empty)
	if err != nil || d.Name() != "0001-x" {
		t.Fatal(d, err)
	}
	if _, err := os.Stat(cut); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was interrupted is still there: %v", err)
	}
}

// Runs that earlier versions left without a checkpoint begin at step 0.
func TestResumeWithoutCheckpoint(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t)))
	s := studio(t)
	d := interrupted(t, s, 5)
	for _, file := range []string{checkpoints, statsFile, factsFile} {
		if err := os.RemoveAll(d.Path(file)); err != nil {
			t.Fatal(err)
		}
	}
	notices := noted(s)
	r, err := s.Resume(t.Context(), "tiny")
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(t, r) != whole || !said(*notices, "it starts at step 0") {
		t.Errorf("other weights, or untold: %q", *notices)
	}
	for _, file := range []string{checkpoints, statsFile, configFile} {
		if err := os.RemoveAll(d.Path(file)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Resume(t.Context(), "tiny"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "nothing was trained; remove") {
		t.Errorf("error %v", err)
	}
}

// A run whose checkpoints are gone, but not its statistics, was trained.
func TestResumeWithLostCheckpoints(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 5)
	if err := os.RemoveAll(d.Path(checkpoints)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resume(t.Context(), "tiny"); !errors.Is(err, ErrNoCheckpoint) {
		t.Errorf("error %v", err)
	}
}

func TestDamagedStats(t *testing.T) {
	for name, c := range map[string]struct {
		change func(text string) string
		want   string
	}{
		"cut short":  {func(text string) string { return strings.Join(strings.SplitAfter(text, "\n")[:10], "") }, "it ends at step 10, though step 25 was saved"},
		"gone":       {func(string) string { return "" }, "it ends at step 0, though step 25 was saved"},
		"overwriten": {func(text string) string { return strings.Replace(text, `"step":7`, `"st\x00p":7`, 1) }, "1 of its lines cannot be read; the other 24 are used"},
		"torn":       {func(text string) string { return text + `{"step":26,"lo` }, ""},
		"whole":      {func(text string) string { return text }, ""},
	} {
		s := studio(t)
		d := interrupted(t, s, 25)
		text, err := os.ReadFile(d.Path(statsFile))
		if err != nil {
			t.Fatal(err)
		}
		write(t, d, c.change(string(text)), statsFile)
		notices := noted(s)
		if _, err := s.Resume(t.Context(), "tiny"); err != nil {
			t.Fatal(err)
		}
		if told := said(*notices, statsFile+" is damaged: "+c.want); told != (c.want != "") {
			t.Errorf("%s: notices %q", name, *notices)
		}
		if stats, err := d.ReadStats(); err != nil || stats.Damaged > 0 || stats.Lines[len(stats.Lines)-1]["step"] != 60.0 {
			t.Errorf("%s: left %+v, error %v", name, stats, err)
		}
	}
}

// spoil makes a number of the newest checkpoint's weights one that is none.
func spoil(t *testing.T, d *Dir, value float32) {
	t.Helper()
	ck, _, err := d.Latest()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(ck.Path, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	all, metadata, err := weights.Decode(read(weightsFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, tensor := range all {
		if strings.HasPrefix(name, "generator/") {
			copy(tensor.Data, le(value))
		}
	}
	var file bytes.Buffer
	if err := weights.Encode(&file, all, metadata); err != nil {
		t.Fatal(err)
	}
	state, settings := read(stateFile), read(configFile)
	err = durable.WriteDir(ck.Path, func(to *durable.Files) error {
		return errors.Join(to.WriteFile(weightsFile, file.Bytes()), to.WriteFile(stateFile, state), to.WriteFile(configFile, settings))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func le(v float32) []byte {
	bits := math.Float32bits(v)
	return []byte{byte(bits), byte(bits >> 8), byte(bits >> 16), byte(bits >> 24)}
}

// Weights that are not numbers are refused, with the step at which they still were.
func TestWeightsThatAreNotNumbers(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 25)
	for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		spoil(t, d, float32(value))
		_, opened := s.Open("tiny")
		_, resumed := s.Resume(t.Context(), "tiny")
		_, begun := s.Train(t.Context(), parse(t, `init={use="run", name="0001-tiny"}`))
		for _, err := range []error{opened, resumed, begun} {
			if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "the weights of step 25 are not finite: generator/") ||
				!strings.Contains(err.Error(), "those of step 20 are good") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v: error %v", value, err)
			}
		}
	}
	if err := os.RemoveAll(d.checkpoint(20)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("tiny"); err == nil || !strings.Contains(err.Error(), "no other checkpoint is good") {
		t.Errorf("error %v", err)
	}
}

// Weights that an update has made infinite are no checkpoint: the run goes back.
func TestInfiniteWeightsAreNotSaved(t *testing.T) {
	s := studio(t)
	notices := noted(s)
	trainer, err := s.newTrainer(t.Context(), parse(t))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.close()
	if err := trainer.prepare(); err != nil {
		t.Fatal(err)
	}
	if trainer.dir, err = CreateDir(s.Runs, "tiny", trainer.writeFirst); err != nil {
		t.Fatal(err)
	}
	spoilt := false
	s.Progress = func(e train.Event) {
		if e.Step != 20 || spoilt {
			return
		}
		spoilt = true
		for v := range trainer.store.IterVariables() {
			if value := v.Shape(); strings.HasPrefix(v.Path(), "/generator/") && value.Rank() == 1 {
				inf := make([]float32, value.Size())
				inf[0] = float32(math.Inf(1))
				if err := v.SetValue(tensors.FromFlatDataAndDimensions(inf, value.Dimensions...)); err != nil {
					t.Error(err)
				}
				return
			}
		}
	}
	if _, err := trainer.finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !said(*notices, "the update of step 20 produced weights that are not finite, in generator/") || !said(*notices, "back to step 10 with the learning rate × 0.5") {
		t.Errorf("notices %q", *notices)
	}
}

// What could not be written says what is kept and how to go on.
func TestHalted(t *testing.T) {
	s := studio(t)
	d := interrupted(t, s, 25)
	tr := &trainer{studio: s, dir: d, loop: &train.Loop{Step: 30, Total: 60}}
	err := tr.halted(durable.Explain(d.Path(statsFile), os.ErrClosed))
	if want := "step 25 was saved: resume from there with: atelier train --resume 0001-tiny --runs "; !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "stopped at step 30 of 60: cannot write ") {
		t.Errorf("error %v, want %s", err, want)
	}
	if other := errors.New("other"); tr.halted(other) != other {
		t.Error("an error of something else is changed")
	}
}

// Damaged facts and checkpoints that are gone are told at a glance.
func TestDamageIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(d *Dir) error
		want   string
	}{
		"facts":       {func(d *Dir) error { return os.WriteFile(d.Path(factsFile), []byte("{"), 0o666) }, "the run cannot be used: "},
		"no facts":    {func(d *Dir) error { return os.Remove(d.Path(factsFile)) }, "the run cannot be used: "},
		"checkpoints": {func(d *Dir) error { return os.RemoveAll(d.Path(checkpoints)) }, "its checkpoints are missing"},
	} {
		s := studio(t)
		d := trained(t, s, "steps=3", "score.metrics=[]").Dir
		if found := d.Damage(1 << 20); len(found) > 0 {
			t.Fatalf("a whole run: %q", found)
		}
		if err := c.damage(d); err != nil {
			t.Fatal(err)
		}
		if found := d.Damage(1 << 20); len(found) != 1 || !strings.Contains(found[0], c.want) {
			t.Errorf("%s: %q, want %s", name, found, c.want)
		}
	}
}

// The steps that such a run is asked for are heeded as well.
func TestLongerWithoutCheckpoint(t *testing.T) {
	whole := bytesOf(t, trained(t, studio(t), "steps=9", "score.metrics=[]"))
	s := studio(t)
	d := trained(t, s, "steps=6", "score.metrics=[]").Dir
	for _, file := range []string{checkpoints, statsFile, factsFile} {
		if err := os.RemoveAll(d.Path(file)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.ResumeTo(t.Context(), "tiny", 5); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "but not set to 5") {
		t.Errorf("fewer steps: %v", err)
	}
	if r, err := s.ResumeTo(t.Context(), "tiny", 9); err != nil || r.Step != 9 || bytesOf(t, r) != whole {
		t.Errorf("not 9 steps, or other weights: %v", err)
	}
}

// A run that is asked for more steps and fails before the first of them is as it was.
func TestLongerIsRecordedWithItsFirstStep(t *testing.T) {
	s := studio(t)
	d := trained(t, s, "steps=6", "score.metrics=[]").Dir
	before, err := d.ConfigText()
	if err != nil {
		t.Fatal(err)
	}
	s.Progress = func(e train.Event) { // a disk that fills up
		if e.Step == 7 {
			os.RemoveAll(d.Path(checkpoints))
			os.WriteFile(d.Path(checkpoints), nil, 0o666)
		}
	}
	kept := filepath.Join(t.TempDir(), checkpoints)
	if err := os.CopyFS(kept, os.DirFS(d.Path(checkpoints))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ResumeTo(t.Context(), d.Name(), 9); err == nil {
		t.Fatal("trained without a place for checkpoints")
	}
	if after, err := d.ConfigText(); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the run file has become %s, %v", after, err)
	}
	os.Remove(d.Path(checkpoints))
	if err := os.CopyFS(d.Path(checkpoints), os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	s.Progress = nil
	if r, err := s.ResumeTo(t.Context(), d.Name(), 9); err != nil || r.Step != 9 {
		t.Fatal(err)
	}
	if after, _ := d.ConfigText(); bytes.Equal(before, after) {
		t.Errorf("the run file has become %s", after)
	}
}
