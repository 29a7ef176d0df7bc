package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"atelier/internal/badinput"
)

// A WriteError is an error of the file system while writing Path.
type WriteError struct {
	Path string
	Err  error
}

func (e *WriteError) Error() string {
	text := "cannot write " + e.Path + ": "
	what, help := shortage(e.Err)
	switch {
	case what != "":
		return fmt.Sprintf("%s%s; what was there before is unchanged: %s and try again (%v)", text, what, help, e.Err)
	case e.forbidden():
		return fmt.Sprintf("%sthe folder is read-only; make it writable or use another (%v)", text, e.Err)
	}
	return text + e.Err.Error()
}

func (e *WriteError) Unwrap() error { return e.Err }

// Is reports a missing permission as a user error.
func (e *WriteError) Is(target error) bool { return target == badinput.Err && e.forbidden() }

func (e *WriteError) forbidden() bool {
	what, _ := shortage(e.Err)
	return what == "" && (errors.Is(e.Err, fs.ErrPermission) || isReadOnly(e.Err))
}

// Explain says what a user can do about an error of the file system while writing path. Hidden
// temporary names in the error are replaced by path.
func Explain(path string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*WriteError); ok {
		err = inner.Err
	}
	return &WriteError{path, err}
}

// explainWritten is [Explain] for an error of a callback that writes to path, which is at temp
// until it is complete. Other errors, such as reading the source, are left unchanged.
func explainWritten(path, temp string, err error) error {
	if isForeign(err, temp) {
		return err
	}
	return Explain(path, err)
}

// isForeign reports whether an error concerns neither the file system nor anything in temp.
func isForeign(err error, temp string) bool {
	var unwritten *WriteError
	var file *fs.PathError
	var link *os.LinkError
	var number syscall.Errno
	switch what, _ := shortage(err); {
	case what != "" || errors.As(err, &unwritten):
		return false
	case errors.As(err, &file):
		return !within(file.Path, temp)
	case errors.As(err, &link):
		return !within(link.Old, temp) && !within(link.New, temp)
	}
	return !errors.As(err, &number)
}

// within reports whether a path is a folder or inside it.
func within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// explainPlace is [Explain] for a place chosen by the user: what the system rejects is their
// mistake, except a lack of space.
func explainPlace(path string, err error) error {
	if what, _ := shortage(err); err == nil || what != "" || errors.Is(err, syscall.EPIPE) {
		return Explain(path, err)
	}
	return badinput.Mark(Explain(path, err))
}
