package run

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A stamp holds until something happens to the files that it stands for, and never if that could
// happen without a trace, because they are as new as the stamp.
func TestStamp(t *testing.T) {
	folder := t.TempDir()
	age := func() {
		t.Helper()
		old := time.Now().Add(-time.Hour)
		if err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error { return errors.Join(err, os.Chtimes(path, old, old)) }); err != nil {
			t.Fatal(err)
		}
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, path), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, checkpoints), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dirFile, configFile, statsFile, "metric-fid.jsonl"} {
		write(path, "{}")
	}
	if StampOf(folder).Holds() {
		t.Error("files that were written just now may change within the same tick of the clock")
	}
	for what, do := range map[string]func(){
		"in place":     func() { write(configFile, "[]") },
		"a line more":  func() { write(statsFile, "{}\n{}") },
		"a score":      func() { write("metric-fid.jsonl", "") },
		"a new file":   func() { write("metric-kid.jsonl", "{}") },
		"a checkpoint": func() { write(filepath.Join(checkpoints, "step"), "") },
	} {
		age()
		s := StampOf(folder)
		if !s.Holds() {
			t.Errorf("%s: it does not hold before", what)
		}
		if do(); s.Holds() {
			t.Errorf("%s: it still holds", what)
		}
	}
	age()
	s := StampOf(folder)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if s.Holds() {
		t.Error("removed: it still holds")
	}
}
