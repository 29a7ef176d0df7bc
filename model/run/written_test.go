package run

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
	"atelier/engine"
	"atelier/internal/badinput"
	"atelier/internal/home"
	"atelier/recipes"
)

const tinyText = `
name     = "tiny"
steps    = 40
batch    = 4
pictures = 20
save     = 10

[data]
use = "text"

[codec]
use     = "chars"
context = 8

[model]
use     = "lm"
network = {use = "gpt", layers = 1, heads = 2, width = 8}

[score]
best    = "bpc"
metrics = [{use = "perplexity"}, {use = "fid2k"}, {use = "sharpness"}, {use = "memorised"}, {use = "precision_recall"}, {use = "classes"}, {use = "dscore"}, {use = "modes"}]
`

// writingStudio is a studio that language models can write in.
func writingStudio(t *testing.T) *Studio {
	t.Helper()
	s := studio(t)
	b, err := engine.Open(engine.Options{Device: engine.CPU, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Finalize)
	s.Backend = b
	return s
}

// parseText is a run file for a text in a file of its own.
func parseText(t *testing.T, overrides ...string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("To be, or not to be, that is the question.\n", 30)), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := Parse("tiny.toml", []byte(tinyText), append(overrides, "data.path="+path)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTextRun(t *testing.T) {
	s := writingStudio(t)
	whole, err := s.Train(t.Context(), parseText(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"reals.txt", "samples-000020.txt", "samples-000040.txt", "metric-bpc.jsonl", "metric-perplexity.jsonl"} {
		if text, err := os.ReadFile(whole.Dir.Path(file)); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", file, len(text), err)
		}
	}
	for _, step := range []int{1, 33} {
		s := writingStudio(t)
		ctx, clear := stopAt(s, step)
		if _, err := s.Train(ctx, parseText(t)); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		clear()
		r, err := s.Resume(t.Context(), "tiny")
		if err != nil {
			t.Fatal(err)
		}
		if bytesOf(t, r) != bytesOf(t, whole) {
			t.Errorf("stopped at step %d and resumed: other weights than without a stop", step)
		}
	}
}

// TestHeldOutLoss: while a language model trains, its loss on held-out text is among the
// statistics. With so little text, that is the text of the scores.
func TestHeldOutLoss(t *testing.T) {
	r, err := writingStudio(t).Train(t.Context(), parseText(t, `score.metrics=[{use="perplexity"}]`, "steps=250"))
	if err != nil {
		t.Fatal(err)
	}
	stats, err := r.Dir.ReadStats()
	if err != nil {
		t.Fatal(err)
	}
	measured := map[int]float64{}
	for _, line := range stats.Lines {
		if loss, ok := line[heldOutStat].(float64); ok {
			measured[int(line["step"].(float64))] = loss
		}
	}
	scores, err := r.Dir.Scores()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scores {
		if s.Name == "bpc" && math.Abs(measured[250]/math.Ln2-s.Value) > 1e-6 {
			t.Errorf("held-out loss %v nats, score %v bits", measured[250], s.Value)
		}
	}
	if len(measured) != 125 || !(measured[250] < measured[2]) {
		t.Errorf("%d held-out losses, from %v to %v", len(measured), measured[2], measured[250])
	}
}

// A trained run knows its characters without its text.
func TestTextRunNeedsNoText(t *testing.T) {
	s := writingStudio(t)
	c := parseText(t, "steps=2", "score.metrics=[]")
	if _, err := s.Train(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	path := c.Data.Value.(interface{ SetName() string }).SetName()
	if path != "text" {
		t.Error(path)
	}
	r, err := s.Open("tiny")
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := r.Tokens("not to be")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := r.Written(tokens); err != nil || string(text.Bytes) != "not to be" {
		t.Errorf("%q, %v", text.Bytes, err)
	}
	if _, err := r.Tokens("not to bé"); err == nil || !strings.Contains(err.Error(), "'é'") {
		t.Errorf("error %v", err)
	}
	if _, err := r.Writer(); err != nil {
		t.Error(err)
	}
	if _, err := trained(t, studio(t), "steps=1").Writer(); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "takes no prompt") {
		t.Errorf("a gan's writer: %v", err)
	}
}

// TestRecipeShakespeare reads the text that the recipe is about.
func TestRecipeShakespeare(t *testing.T) {
	if home.Mirror() == "" {
		t.Skip("skipped: ATELIER_MIRROR names no folder with shakespeare.txt.gz")
	}
	text, err := recipes.Read("shakespeare")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("shakespeare.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	train, test, err := data.Load(t.Context(), c.Data.Value, c.Codec.Value)
	if err != nil {
		t.Fatal(err)
	}
	// 1,003,854 and 111,540 characters, in windows of 128 and one more.
	if train.Name() != "shakespeare" || train.Len() != 7842 || test.Len() != 871 || train.Spec().Target().Vocabulary != 65 {
		t.Errorf("%s: %d and %d windows, %s", train.Name(), train.Len(), test.Len(), train.Spec())
	}
}
