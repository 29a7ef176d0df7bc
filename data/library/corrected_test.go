package library

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/badinput"
)

// A filed source yields the files of a folder as texts, up to one called "stop" or "bad".
type filed struct{ Path string }

func (s *filed) LocalPath() string { return s.Path }

func (s *filed) Items(_ context.Context, split data.Split) iter.Seq2[data.Item, error] {
	return func(yield func(data.Item, error) bool) {
		files, _ := filepath.Glob(filepath.Join(s.Path, "*"))
		for _, f := range files {
			if split == data.Test {
				return
			}
			text, err := os.ReadFile(f)
			it := data.Item{Name: filepath.Base(f), MediaType: "text/plain", Bytes: text}
			switch it.Name {
			case "stop":
				it, err = data.Item{}, errors.New("the cable was pulled")
			case "bad":
				it, err = data.Item{}, badinput.Errorf("nobody can read this")
			case "left":
				err = data.Dropf("skipped", "it is none")
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// TestCorrectedFilesAreReadAnew interrupts a job and repeats the command, with the files unchanged
// and with several kinds of corrections.
func TestCorrectedFilesAreReadAnew(t *testing.T) {
	for what, c := range map[string]struct {
		correct func(dir string) error
		want    string
		told    string
	}{
		"as it was": {func(string) error { return nil }, "", "resuming an interrupted job: 2 Items were collected before"},
		"deleted":   {func(dir string) error { return os.Remove(filepath.Join(dir, "a")) }, "b=bb", "starting over"},
		"changed":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), []byte("corrected"), 0o644) }, "a=corrected b=bb", "starting over"},
		"added":     {func(dir string) error { return os.WriteFile(filepath.Join(dir, "aa"), []byte("new"), 0o644) }, "a=aa aa=new b=bb", "starting over"},
	} {
		l, dir := newLibrary(t), t.TempDir()
		var told []string
		l.Notice = func(s string) { told = append(told, s) }
		for name, text := range map[string]string{"a": "aa", "b": "bb", "left": "x", "stop": ""} {
			os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
		}
		add := func() (string, error) {
			v, err := l.Add(t.Context(), "n", source(&filed{dir}), &Pipeline{}, "")
			if err != nil {
				return "", err
			}
			got := names(t, v)
			slices.Sort(got)
			return strings.Join(got, " "), nil
		}
		if _, err := add(); err == nil {
			t.Fatal("it was not interrupted")
		}
		if err := c.correct(dir); err != nil {
			t.Fatal(err)
		}
		if what != "as it was" {
			os.Remove(filepath.Join(dir, "stop"))
		}
		got, _ := add()
		if got != c.want || !strings.Contains(strings.Join(told, "\n"), c.told) {
			t.Errorf("%s: got %q, told %q", what, got, told)
		}
	}
}

// TestRefusedAddLeavesNothing uses a source with a mistake.
func TestRefusedAddLeavesNothing(t *testing.T) {
	l, dir := newLibrary(t), t.TempDir()
	for _, name := range []string{"a", "bad"} {
		os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644)
	}
	if _, err := l.Add(t.Context(), "n", source(&filed{dir}), &Pipeline{}, ""); !errors.Is(err, badinput.Err) {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(l.jobs()); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
