package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWriteFrozen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	for _, text := range []string{"one", "two"} {
		if err := WriteFrozen(path, func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), []byte(text), 0o666) }); err != nil {
			t.Fatal(err)
		}
		holds(t, filepath.Join(path, "a"), text)
	}
	info, err := os.Stat(filepath.Join(path, "a"))
	if err != nil || info.Mode()&0o200 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	only(t, path, "a")
	only(t, filepath.Dir(path), "d")
}
