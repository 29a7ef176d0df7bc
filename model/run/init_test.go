package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/model/brought"
	"atelier/model/language"
)

const adapting = `
name     = "tale"
steps    = 3
batch    = 2
pictures = 3
save     = 3
init     = {use = "weights", name = "stories260k"}

[data]
use = "text"

[codec]
use     = "bpe"
context = 16

[model]
use       = "lm"
lora      = 4
optimizer = {rate = 1e-2}
`

// TestWeightsOfOthers: a run takes network, tokenizer and weights of a model that others
// trained; untrained adapters change nothing of what it writes, trained ones do, and the run
// opens without the model.
func TestWeightsOfOthers(t *testing.T) {
	s := writingStudio(t)
	path := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("One day a fox sang to the moon. ", 600)), 0o666); err != nil {
		t.Fatal(err)
	}
	config := func(overrides ...string) *Config {
		c, err := Parse("tale.toml", []byte(adapting), append(overrides, "data.path="+path)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	o, err := brought.Find(s.Home, brought.BuiltIn)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	given, err := language.New(o.Config, &o.Weights, s.Kernels)
	if err != nil {
		t.Fatal(err)
	}
	prompt := append([]int32{o.Tokenizer.BOS()}, o.Tokenizer.Encode([]byte("Once upon a time"))...)
	still, err := s.Train(t.Context(), config("model.optimizer.rate=0"))
	if err != nil {
		t.Fatal(err)
	}
	s.Home = t.TempDir()
	moved, err := s.Train(t.Context(), config("name=moved"))
	if err != nil {
		t.Fatal(err)
	}
	want := greedy(t, given, prompt)
	for name, r := range map[string]*Run{"still": still, "moved": moved} {
		again, err := s.Open(r.Dir.Path())
		if err != nil {
			t.Fatal(err)
		}
		m, err := again.Writer()
		if err != nil {
			t.Fatal(err)
		}
		got := greedy(t, m, prompt)
		text, err := again.Written(got)
		if err != nil {
			t.Fatal(err)
		}
		if name == "still" && (len(got) < 8 || string(text.Bytes) != string(o.Tokenizer.Decode(want[:len(got)]))) {
			t.Errorf("the weights write %q, a run of them %q", o.Tokenizer.Decode(want), text.Bytes)
		}
		tokens, err := again.Tokens("Once upon a time")
		if err != nil || len(tokens) != len(prompt)-1 {
			t.Errorf("tokens %v, of the weights %v (%v)", tokens, prompt, err)
		}
	}
	if bytesOf(t, still) == bytesOf(t, moved) {
		t.Error("training changes nothing")
	}
	for _, c := range []struct{ override, want string }{
		{"codec.use=chars", "set codec.use=bpe"}, {"init.name=stories261k", "stories260k"}, {"codec.context=600", "the weights were trained for 512"},
	} {
		if _, err := s.Train(t.Context(), config(c.override)); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.override, err, c.want)
		}
	}
}

// greedy is what a model writes after a prompt, always the likeliest token.
func greedy(t *testing.T, m *language.Model, prompt []int32) (text []int32) {
	t.Helper()
	w := &language.Writer{Model: m, Sampling: language.Sampling{TopP: 1}}
	err := w.Write(t.Context(), []language.Start{{Prompt: prompt}}, func(_ int, token language.Token) (bool, error) {
		text = append(text, token.ID)
		return len(text) < 20, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestInitFromRunOfOtherTokens: embeddings are taken only where the tokens are the same, and
// adapters are refused where the weights would stay random.
func TestInitFromRunOfOtherTokens(t *testing.T) {
	s := writingStudio(t)
	var notices []string
	s.Notice = func(line string) { notices = append(notices, line) }
	dir := t.TempDir()
	train := func(name, text string, overrides ...string) error {
		t.Helper()
		path := filepath.Join(dir, name+".txt")
		if err := os.WriteFile(path, []byte(strings.Repeat(text, 300)), 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := Parse("tale.toml", []byte(adapting), append([]string{"name=" + name, "data.path=" + path, "codec.use=chars", "codec.context=16", "steps=1",
			"model.lora=0", "model.network.use=gpt", "model.network.layers=1", "model.network.heads=2", "model.network.width=8"}, overrides...)...)
		if err != nil {
			t.Fatal(err)
		}
		notices = nil
		_, err = s.Train(t.Context(), c)
		return err
	}
	if err := train("first", "abc abd. ", "init={use=\"random\"}"); err != nil {
		t.Fatal(err)
	}
	const from = "init={use=\"run\", name=\"0001-first\"}"
	if err := train("same", "abd abc. ", from); err != nil || strings.Contains(strings.Join(notices, "\n"), "differs") {
		t.Errorf("%v, notices %q", err, notices)
	}
	if err := train("other", "xyz xyw. ", from); err != nil || !strings.Contains(strings.Join(notices, "\n"), "the vocabulary of 0001-first differs") {
		t.Errorf("%v, notices %q", err, notices)
	}
	for override, want := range map[string]string{from: "the vocabulary of 0001-first differs", "init={use=\"random\"}": "would stay random; set init"} {
		if err := train("adapters", "xyz xyw. ", override, "model.lora=2"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", override, err)
		}
	}
}

// Weights of a run that is not named are not taken for random ones.
func TestInitFromRunNeedsItsName(t *testing.T) {
	if err := (&RunInit{}).settle(nil, nil); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "init.name") {
		t.Error(err)
	}
}
