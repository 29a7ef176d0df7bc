package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWriteFrozenAndBare(t *testing.T) {
	for name, c := range map[string]struct {
		write func(string, func(string) error) error
		mode  os.FileMode
	}{"frozen": {WriteFrozen, 0}, "bare": {WriteBare, 0o200}} {
		path := filepath.Join(t.TempDir(), "d")
		for _, text := range []string{"one", "two"} {
			if err := c.write(path, files(map[string]string{"a": text})); err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(filepath.Join(path, "a")); string(got) != text {
				t.Errorf("%s: read %q, want %q", name, got, text)
			}
		}
		info, err := os.Stat(filepath.Join(path, "a"))
		if err != nil || info.Mode()&0o200 != c.mode {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
		only(t, path, "a")
		only(t, filepath.Dir(path), "d")
	}
}
