package durable

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// appendMark is the suffix of the hidden file that is locked while another is appended to: on
// Windows, a locked file cannot be read.
const appendMark = ".lock"

// NewLock returns a file lock at path, which has normal permissions: the umask decides who else can
// take it.
func NewLock(path string) *flock.Flock { return flock.New(path, flock.SetPermissions(0o666)) }

// lockOf is the lock of a file that is appended to.
func lockOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+appendMark)
}

// RemoveLines removes a file that lines were appended to, with its lock.
func RemoveLines(path string) error {
	lock := NewLock(lockOf(path))
	if err := lock.Lock(); err != nil {
		return Explain(path, err)
	}
	err := errors.Join(os.Remove(path), lock.Close(), os.Remove(lockOf(path)))
	return Explain(path, err)
}

// AppendLine appends a line, given without its end, to the file at path, which is created if
// missing. Several processes may append at once; each waits for its turn. A last line that was cut
// short by an interruption is terminated first, so that the new line stands alone. If the line
// cannot be written completely, the file is left as it was.
func AppendLine(path string, line []byte) (err error) {
	lock := NewLock(lockOf(path))
	if err := lock.Lock(); err != nil {
		return Explain(path, err)
	}
	defer lock.Close()
	fresh := !exists(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return Explain(path, err)
	}
	err = errors.Join(appendTo(f, line), f.Close())
	if err == nil && fresh {
		err = SyncDir(filepath.Dir(path))
	}
	return Explain(path, err)
}

// appendTo appends a line to a file without other writers.
func appendTo(f *os.File, line []byte) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size, last, text := info.Size(), []byte{'\n'}, []byte(nil)
	if size > 0 {
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
	}
	if last[0] != '\n' {
		text = append(text, '\n')
	}
	text = append(append(text, line...), '\n')
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(size))
	}
	return nil
}
