package run

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data/codec"
	"atelier/internal/badinput"
)

// manyCharacters is a text of 30,000 different characters.
func manyCharacters() string {
	var text strings.Builder
	for r := rune(0xac00); r < 0xac00+10_000; r++ {
		text.WriteRune(r)
	}
	for r := rune(0x4e00); r < 0x4e00+20_000; r++ {
		text.WriteRune(r)
	}
	return text.String()
}

// A run of a text with very many characters is trained, opened, drawn from and resumed.
func TestManyCharacters(t *testing.T) {
	text := manyCharacters()
	path := filepath.Join(t.TempDir(), "many.txt")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	settings := []string{"steps=20", "pictures=100", "save=100", "batch=2", "model.network.width=4", "score.metrics=[]"}
	parsed := func() *Config {
		c, err := Parse("tiny.toml", []byte(tinyText), append(settings, "data.path="+path)...)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	whole, err := writingStudio(t).Train(t.Context(), parsed())
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(whole.Dir.Path("run.toml")); err != nil || info.Size() > 8<<10 {
		t.Error("the vocabulary is in the run file", err)
	}
	s := writingStudio(t)
	ctx, clear := stopAt(s, 7)
	if _, err := s.Train(ctx, parsed()); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	clear()
	if r, err := s.Resume(t.Context(), "tiny"); err != nil || bytesOf(t, r) != bytesOf(t, whole) {
		t.Errorf("stopped and resumed: %v, or other weights than without a stop", err)
	}
	r, err := s.Open("tiny")
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := r.Tokens("一丁가각")
	if err != nil || fmt.Sprint(tokens) != "[0 1 20000 20001]" {
		t.Error(tokens, err)
	}
	if text, err := r.Written(tokens); err != nil || string(text.Bytes) != "一丁가각" {
		t.Errorf("%q, %v", text.Bytes, err)
	}
	if _, err := r.Writer(); err != nil {
		t.Error(err)
	}
}

// A run with a tokenizer learned from its text is opened and resumed with it.
func TestLearnedTokenizer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "play.txt")
	if err := os.WriteFile(path, []byte(strings.Repeat("To be, or not to be: 不亦說乎.\n", 40)), 0o666); err != nil {
		t.Fatal(err)
	}
	parsed := func() *Config {
		c, err := Parse("tiny.toml", []byte(tinyText), "steps=20", "pictures=100", "save=100", "batch=2", "model.network.width=4", "score.metrics=[]",
			`codec={use="bpe", context=6, size=280}`, "data.path="+path)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	whole, err := writingStudio(t).Train(t.Context(), parsed())
	if err != nil {
		t.Fatal(err)
	}
	s := writingStudio(t)
	ctx, clear := stopAt(s, 7)
	if _, err := s.Train(ctx, parsed()); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	clear()
	if r, err := s.Resume(t.Context(), "tiny"); err != nil || bytesOf(t, r) != bytesOf(t, whole) {
		t.Errorf("stopped and resumed: %v, or other weights than without a stop", err)
	}
	r, err := s.Open("tiny")
	if err != nil {
		t.Fatal(err)
	}
	text := "not to be <|endoftext|> é\xff"
	tokens, err := r.Tokens(text)
	end, ends := r.End()
	if err != nil || len(tokens) >= len(text) || slices.Contains(tokens, end) || !ends || end != 0 {
		t.Error(tokens, err)
	}
	if back, err := r.Written(tokens); err != nil || string(back.Bytes) != text {
		t.Errorf("%q, %v", back.Bytes, err)
	}
}

// A run of 5,000 classes with long names is trained and opened.
func TestManyClasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "points.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	w.Write([]string{"text", "label"})
	for i := range 5000 {
		w.Write([]string{"0.5,-0.5", fmt.Sprintf("%s %d", strings.Repeat("naïve ", 30), i)})
	}
	w.Flush()
	if err := errors.Join(w.Error(), f.Close()); err != nil {
		t.Fatal(err)
	}
	s := studio(t)
	c := parse(t, "data={use=\"csv\", test_share=0.0, path=\""+filepath.ToSlash(path)+"\"}", "steps=1", "score.metrics=[]")
	if _, err := s.Train(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open("tiny")
	if err != nil || len(r.Spec.ClassNames()) != 5000 {
		t.Errorf("%d classes, %v", len(r.Spec.ClassNames()), err)
	}
}

// A run that could not be opened again is not started: nothing is written.
func TestNeverBegunIfItCannotBeOpened(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"want settings of at most 320 KiB in all": func(c *Config) { c.Codec.Value.(*codec.Chars).Vocabulary = strings.Repeat(manyCharacters(), 4) },
		"name: want up to 255 bytes":              func(c *Config) { c.Name = "a\x1bb" },
		"want UTF-8":                              func(c *Config) { c.Score.Best = "\xff" },
		"steps: want at least 1":                  func(c *Config) { c.Steps = 0 },
		"no codec \"letters\"":                    func(c *Config) { c.Codec.Use = "letters" },
	} {
		s := writingStudio(t)
		s.Runs = filepath.Join(s.Runs, "none")
		c := parseText(t)
		change(c)
		_, err := s.Train(t.Context(), c)
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "the run was not started, since it could not be opened again: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if _, err := os.Stat(s.Runs); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s is there", want, s.Runs)
		}
	}
}

// A vocabulary that is not that of the run is refused.
func TestLearnedFilesAreChecked(t *testing.T) {
	s := writingStudio(t)
	r, err := s.Train(t.Context(), parseText(t, "steps=1", "score.metrics=[]"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.Train(t.Context(), parseText(t, "steps=1", "score.metrics=[]", "data.test_share=0"))
	if err != nil {
		t.Fatal(err)
	}
	file := r.Dir.Path("codec", "vocabulary.json")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want string) {
		t.Helper()
		for _, open := range []func() (*Run, error){
			func() (*Run, error) { return s.Open("1") },
			func() (*Run, error) { return s.Resume(t.Context(), "1") },
		} {
			if _, err := open(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %s", err, want)
			}
		}
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(good), `"a"`, `"z"`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	refused("is damaged: its SHA-256 is not that of the manifest")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refused("vocabulary.json is missing")
	if err := os.RemoveAll(r.Dir.Path("codec")); err != nil {
		t.Fatal(err)
	}
	c := other.Config.Codec.Value.(*codec.Chars)
	c.Fitted += "ß"
	if _, err := r.Dir.keepLearned(c); err != nil {
		t.Fatal(err)
	}
	refused("is not what the run began with")
}
