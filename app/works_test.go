package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/data"
)

// TestLinksAreNotFollowed: of a folder whose every file is read, nothing outside it is.
func TestLinksAreNotFollowed(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret.txt")
	for _, file := range []string{filepath.Join(dir, "a.txt"), outside} {
		if err := os.WriteFile(file, []byte("A sentence."), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "b.txt")); err != nil {
		t.Skip(err)
	}
	read := map[string]error{}
	for f, err := range Works(t.Context(), *OneFile(New[*Summarize]()), dir) {
		if read[f.Name] = err; err == nil && string(f.Bytes) != "A sentence." {
			t.Errorf("%s is read as %q", f.Name, f.Bytes)
		}
	}
	var drop *data.Drop
	if err := read["b.txt"]; len(read) != 2 || read["a.txt"] != nil || !errors.As(err, &drop) || !strings.Contains(err.Error(), "links are not followed") {
		t.Errorf("read %v", read)
	}
}
