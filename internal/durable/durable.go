// Package durable writes files and folders so that, whenever the power goes,
// what is on disk is either the old version or the new one, whole. Folders
// carry a manifest with the size and SHA-256 of each file, so that later damage
// is found.
//
// Everything is first written beside its place under a hidden name, flushed to
// the disk, and then renamed. What an interruption leaves behind under such a
// name is taken away by [Sweep].
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
)

// Hidden names: .new-HEX is being written or removed, .NAME.old is the version
// that is being replaced.
const (
	newMark = ".new-"
	oldMark = ".old"
)

// Write makes or replaces the file at path with what write puts out.
func Write(path string, write func(io.Writer) error) error {
	temp := hidden(path)
	err := writeSynced(temp, write)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
		return Explain(path, err)
	}
	return Explain(path, SyncDir(filepath.Dir(path)))
}

// WriteFile makes or replaces the file at path.
func WriteFile(path string, data []byte) error {
	return Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteDir makes or replaces the folder at path with the files that write hands over,
// and adds the manifest.
func WriteDir(path string, write func(*Files) error) error {
	return writeDir(path, func(dir string) error {
		f := &Files{dir, map[string]entry{}}
		if err := write(f); err != nil {
			return err
		}
		return f.seal()
	})
}

// MakeDir makes or replaces the folder at path with whatever write puts into the empty
// folder it is given.
func MakeDir(path string, write func(dir string) error) error {
	return writeDir(path, func(dir string) error {
		if err := write(dir); err != nil {
			return err
		}
		return flush(dir)
	})
}

// WriteFrozen is WriteDir without a manifest of its own: it makes all files of the
// folder read-only.
func WriteFrozen(path string, write func(dir string) error) error {
	return writeDir(path, func(dir string) error {
		if err := write(dir); err != nil {
			return err
		}
		return errors.Join(flush(dir), freeze(dir))
	})
}

// writeDir makes or replaces the folder at path with what write makes of an empty
// one and has flushed to the disk.
func writeDir(path string, write func(dir string) error) error {
	temp := hidden(path)
	err := os.Mkdir(temp, 0o777)
	if err == nil {
		err = write(temp)
	}
	if err == nil {
		err = swap(temp, path)
	}
	if err != nil {
		os.RemoveAll(temp)
		return Explain(path, err)
	}
	return nil
}

// Remove takes the folder at path away; an interruption leaves no half of it
// under its name.
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

// Sweep takes away what interrupted calls left in the folder parent, and puts
// a version back whose replacement never came. No other process may be writing
// in parent.
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

// hiddenName is that of what [hidden] names.
var hiddenName = regexp.MustCompile(`^` + regexp.QuoteMeta(newMark) + `[0-9a-f]{16}$`)

// SweepNew takes away what interrupted calls were about to make in the folder parent,
// and looks at nothing else there. No other process may be writing in parent.
func SweepNew(parent string) error {
	entries, err := os.ReadDir(parent)
	for _, e := range entries {
		if hiddenName.MatchString(e.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(parent, e.Name())))
		}
	}
	return err
}

// swap renames the folder temp to path, whatever stood there before.
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

// hidden is a name beside path to write under. It does not hold that of path, which may be
// as long as the system allows.
func hidden(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf("%s%016x", newMark, rand.Uint64()))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
