package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// A secret is made once, for the user only, however many ask for it at once.
func TestSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "key")
	if _, err := Secret(path, 10, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without one: %v", err)
	}
	fails := errors.New("no")
	if _, err := Secret(path, 10, func() ([]byte, error) { return nil, fails }); err != fails {
		t.Errorf("one that cannot be made: %v", err)
	}
	var all sync.WaitGroup
	made := make([]string, 8)
	for i := range made {
		all.Go(func() {
			text, err := Secret(path, 10, func() ([]byte, error) { return []byte{'a' + byte(i)}, nil })
			if err != nil {
				t.Error(err)
			}
			made[i] = string(text)
		})
	}
	all.Wait()
	for _, text := range made {
		if text != made[0] || len(text) != 1 {
			t.Errorf("made %q", made)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, error %v", info.Mode(), err)
	}
	os.WriteFile(path, make([]byte, 11), 0o600)
	if _, err := Secret(path, 10, nil); err == nil {
		t.Error("read a secret that is too long")
	}
}
