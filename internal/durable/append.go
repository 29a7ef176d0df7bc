package durable

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// appendMark ends the hidden name of the file that is locked while another is
// appended to: Windows lets nobody read a file that is locked itself.
const appendMark = ".lock"

// NewLock is a lock that is a file at path, which has the permissions of every other
// file: the umask decides who else can take it.
func NewLock(path string) *flock.Flock { return flock.New(path, flock.SetPermissions(0o666)) }

// AppendLine adds a line, given without its end, to the file at path, which it
// makes if there is none. Several processes may append at once: each waits for
// its turn, and none loses what another wrote. The end of a last line that an
// interruption cut short is put there first, so that the new line stands alone.
// If the line cannot be written whole, the file is left as it was.
func AppendLine(path string, line []byte) (err error) {
	lock := NewLock(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+appendMark))
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

// appendTo adds a line to a file that nobody else writes to.
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
