package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"

	_ "atelier/data/source"
	"atelier/engine"
	"atelier/internal/badinput"
	"atelier/model/train"
)

const tiny = `
name     = "tiny"
steps    = 60
batch    = 16
pictures = 30
save     = 10

[data]
use  = "rings"
size = 64

[codec]
use = "points"

[model]
use           = "gan"
latent        = 4
penalty_every = 4
generator     = {use = "mlp", widths = [8]}
discriminator = {use = "mlp", widths = [8]}
penalty       = [{use = "r1"}]
`

// goBackend runs one operation at a time: two at once can wait for each other's workers forever
// (compute v0.1.6).
var goBackend = sync.OnceValues(func() (compute.Backend, error) { return gobackend.New("ops_sequential") })

// raced reports whether the race detector watches, whose checks of pointers gomlx's Go
// backend does not pass.
var raced bool

func studio(t *testing.T) *Studio {
	t.Helper()
	if raced {
		t.Skip("skipped: this trains, and the race detector watches")
	}
	b, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	return &Studio{Runs: t.TempDir(), Backend: b, Kernels: engine.NewDots(engine.Options{Threads: 2}), Program: "test", Engine: "go",
		Watcher: Watcher{Notice: func(line string) { t.Log(line) }}}
}

func parse(t *testing.T, overrides ...string) *Config {
	t.Helper()
	c, err := Parse("tiny.toml", []byte(tiny), overrides...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func trained(t *testing.T, s *Studio, overrides ...string) *Run {
	t.Helper()
	r, err := s.Train(t.Context(), parse(t, overrides...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func bytesOf(t *testing.T, r *Run) string {
	t.Helper()
	b, err := os.ReadFile(r.weights)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// stopAt makes the studio's runs stop after a step.
func stopAt(s *Studio, step int) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	s.Progress = func(e train.Event) {
		if e.Step == step {
			cancel()
		}
	}
	return ctx, func() { s.Progress = nil }
}

func TestResumeIsBitwise(t *testing.T) {
	unbroken := trained(t, studio(t))
	whole := bytesOf(t, unbroken)
	for _, step := range []int{1, 33, 59} {
		s := studio(t)
		ctx, clear := stopAt(s, step)
		_, err := s.Train(ctx, parse(t))
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "--resume 0001-tiny") {
			t.Fatalf("stopped with %v", err)
		}
		clear()
		r, err := s.Resume(t.Context(), "tiny")
		if err != nil {
			t.Fatal(err)
		}
		if bytesOf(t, r) != whole {
			t.Errorf("stopped at step %d and resumed: other weights than without a stop", step)
		}
		if r.Hash != unbroken.Hash {
			t.Errorf("stopped at step %d and resumed: a checkpoint of another hash than without a stop", step)
		}
	}
}

func TestDone(t *testing.T) {
	s := studio(t)
	trained(t, s, "steps=2")
	if _, err := s.Resume(t.Context(), "1"); !errors.Is(err, ErrDone) {
		t.Errorf("error %v", err)
	}
}

func TestSamplesDependOnTheirSeedAlone(t *testing.T) {
	r := trained(t, studio(t), "steps=5")
	draw := func(first uint64, n int) []string {
		samples, err := r.Draw(t.Context(), Seeds(first, n), nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for b, err := range samples {
			if err != nil {
				t.Fatal(err)
			}
			item, err := r.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(item.Bytes))
		}
		return out
	}
	all := draw(0, 70)
	if len(all) != 70 {
		t.Fatalf("drew %d of 70", len(all))
	}
	for i := range all {
		if one := draw(uint64(i), 1); one[0] != all[i] {
			t.Fatalf("seed %d alone gives %s, among 70 %s", i, one[0], all[i])
		}
	}
}

func TestRollsBackAndGivesUp(t *testing.T) {
	s := studio(t)
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	_, err := s.Train(t.Context(), parse(t, "model.loss.use=lsgan", "model.d_optimizer.rate=1e30", "model.g_optimizer.rate=1e30"))
	if err == nil || !strings.Contains(err.Error(), "gave up") {
		t.Fatalf("error %v", err)
	}
	if len(notices) != maxFailures || !strings.Contains(notices[2], "learning rate × 0.125") {
		t.Errorf("notices %q", notices)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %v", err)
	}
}

func TestInitFromRun(t *testing.T) {
	s := studio(t)
	trained(t, s, "steps=2")
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	trained(t, s, "steps=1", `init={use="run", name="0001-tiny"}`, "model.discriminator.widths=[9]")
	all := strings.Join(notices, "\n")
	if !strings.Contains(all, "weights taken from 0001-tiny") || !strings.Contains(all, "discriminator/") || !strings.Contains(all, " × ") || strings.Contains(all, "(Float32)") {
		t.Errorf("notices %s", all)
	}
}

func TestNothingWrittenForBadSettings(t *testing.T) {
	s := studio(t)
	for _, bad := range []string{"model.conditional=true", "model.generator.use=dcgan"} {
		if _, err := s.Train(t.Context(), parse(t, bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	left, err := filepath.Glob(filepath.Join(s.Runs, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestChangedDataIsRefused(t *testing.T) {
	s := studio(t)
	ctx, clear := stopAt(s, 5)
	if _, err := s.Train(ctx, parse(t)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	clear()
	edit(t, s, factsFile, `"train": "`, `"train": "0`)
	if _, err := s.Resume(t.Context(), "tiny"); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("error %v", err)
	}
}

func TestOtherArchitectureIsRefused(t *testing.T) {
	s := studio(t)
	ctx, clear := stopAt(s, 5)
	if _, err := s.Train(ctx, parse(t)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	clear()
	edit(t, s, configFile, "widths = [8]", "widths = [9]")
	if _, err := s.Open("tiny"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "another architecture") {
		t.Errorf("error %v", err)
	}
}

// edit changes a file of the run tiny.
func edit(t *testing.T, s *Studio, file, old, new string) {
	t.Helper()
	path := filepath.Join(s.Runs, "0001-tiny", file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), old, new, 1)
	if changed == string(text) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(changed), 0o666); err != nil {
		t.Fatal(err)
	}
}
