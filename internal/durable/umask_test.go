//go:build !windows

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The umask alone decides who may read what is written.
func TestUmask(t *testing.T) {
	for mask, want := range map[int]fs.FileMode{0o002: 0o664, 0o027: 0o640, 0o077: 0o600} {
		dir := t.TempDir()
		old := syscall.Umask(mask)
		lock := NewLock(filepath.Join(dir, "lock"))
		_, locked := lock.TryLock()
		err := errors.Join(locked, lock.Close(),
			AppendLine(filepath.Join(dir, "lines"), []byte("{}")),
			WriteFile(filepath.Join(dir, "file"), []byte("x")),
			WriteDir(filepath.Join(dir, "folder"), files(map[string]string{"a": "one"})),
			WriteFrozen(filepath.Join(dir, "frozen"), inFolder(map[string]string{"a": "one"})))
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			is := info.Mode().Perm()
			if filepath.Base(filepath.Dir(path)) == "frozen" {
				is |= 0o222 & want
			}
			if is != want {
				t.Errorf("umask %03o: %s has %v, want %v", mask, path, is, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
