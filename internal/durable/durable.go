// Package durable writes files and folders atomically: after a power failure, either the old or the
// new version is on disk, complete. Folders carry a manifest with the size and SHA-256 of each
// file, by which later damage is found.
//
// Everything is first written next to its destination under a hidden name, flushed to disk, and
// then renamed. [Sweep] removes what an interruption leaves under such a name.
package durable

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"atelier/internal/pattern"
)

// Hidden names: .new-HEX is being written or removed, .NAME.old is the version
// that is being replaced.
const (
	newMark = ".new-"
	oldMark = ".old"
)

// Write creates or replaces the file at path with the output of write.
func Write(path string, write func(io.Writer) error) error {
	temp := hidden(path)
	if err := writeSynced(temp, write); err != nil {
		os.Remove(temp)
		return explainWritten(path, temp, err)
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return Explain(path, err)
	}
	return Explain(path, SyncDir(filepath.Dir(path)))
}

// WriteFile creates or replaces the file at path.
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteDir creates or replaces the folder at path with the files from write, and adds the manifest.
func WriteDir(path string, write func(*Files) error) error {
	return writeDir(path, func(dir string) error {
		f := &Files{dir, map[string]entry{}}
		if err := write(f); err != nil {
			return err
		}
		return f.seal()
	})
}

// MakeDir creates or replaces the folder at path with whatever write puts into the empty folder it
// is given.
func MakeDir(path string, write func(dir string) error) error {
	return writeDir(path, func(dir string) error {
		if err := write(dir); err != nil {
			return err
		}
		return flush(dir)
	})
}

// WriteFrozen is WriteDir without a manifest of its own: it makes all files of the folder
// read-only.
func WriteFrozen(path string, write func(dir string) error) error {
	return writeDir(path, func(dir string) error {
		if err := write(dir); err != nil {
			return err
		}
		return errors.Join(flush(dir), freeze(dir))
	})
}

// writeDir creates or replaces the folder at path with what write puts into an empty one and
// flushes to disk.
func writeDir(path string, write func(dir string) error) error {
	temp := hidden(path)
	err := os.Mkdir(temp, 0o777)
	if err == nil {
		err = write(temp)
	}
	if err != nil {
		os.RemoveAll(temp)
		return explainWritten(path, temp, err)
	}
	if err := swap(temp, path); err != nil {
		os.RemoveAll(temp)
		return Explain(path, err)
	}
	return nil
}

// Remove removes the folder at path; an interruption never leaves part of it under its name.
func Remove(path string) error {
	temp := hidden(path)
	if err := os.Rename(path, temp); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return os.RemoveAll(temp)
}

// Sweep removes what interrupted calls left in the folder parent, and restores a version whose
// replacement was never completed. No other process may be writing in parent.
func Sweep(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, path := e.Name(), filepath.Join(parent, e.Name())
		if !strings.HasPrefix(name, ".") {
			continue
		}
		old, isOld := strings.CutSuffix(name[1:], oldMark)
		switch {
		case strings.Contains(name, newMark):
			err = os.RemoveAll(path)
		case isOld && exists(filepath.Join(parent, old)):
			err = os.RemoveAll(path)
		case isOld:
			err = os.Rename(path, filepath.Join(parent, old))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hiddenName reports whether a name is one that [hidden] makes.
var hiddenName = pattern.New(`^` + regexp.QuoteMeta(newMark) + `[0-9a-f]{16}$`)

// SweepNew removes what interrupted calls were creating in the folder parent, and looks at nothing
// else there. No other process may be writing in parent.
func SweepNew(parent string) error {
	entries, err := os.ReadDir(parent)
	for _, e := range entries {
		if hiddenName().MatchString(e.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(parent, e.Name())))
		}
	}
	return err
}

// swap renames the folder temp to path, replacing what was there.
func swap(temp, path string) error {
	parent := filepath.Dir(path)
	old := filepath.Join(parent, "."+filepath.Base(path)+oldMark)
	if exists(path) {
		if err := os.RemoveAll(old); err != nil {
			return err
		}
		if err := os.Rename(path, old); err != nil {
			return err
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	if err := SyncDir(parent); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

func writeSynced(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// hidden is a temporary name beside path. It does not contain the name of path, which may be as
// long as the system allows.
func hidden(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf("%s%016x", newMark, rand.Uint64()))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
