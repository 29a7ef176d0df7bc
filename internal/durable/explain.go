package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"atelier/internal/badinput"
)

// A WriteError is an error of the file system that came up while Path was written.
type WriteError struct {
	Path string
	Err  error
}

func (e *WriteError) Error() string {
	text := "cannot write " + e.Path + ": "
	what, help := shortage(e.Err)
	switch {
	case what != "":
		return fmt.Sprintf("%s%s; what was there before is untouched: %s and try again (%v)", text, what, help, e.Err)
	case e.forbidden():
		return fmt.Sprintf("%sthe folder is read-only; make it writable or use another (%v)", text, e.Err)
	}
	return text + e.Err.Error()
}

func (e *WriteError) Unwrap() error { return e.Err }

// Is makes a mistake of what may not be written.
func (e *WriteError) Is(target error) bool { return target == badinput.Err && e.forbidden() }

func (e *WriteError) forbidden() bool {
	what, _ := shortage(e.Err)
	return what == "" && (errors.Is(e.Err, fs.ErrPermission) || isReadOnly(e.Err))
}

// Explain says what a person can do about an error of the file system that came
// up while path was written. What was said of a file on the way to it, which may have
// had a hidden name, is said of path instead.
func Explain(path string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*WriteError); ok {
		err = inner.Err
	}
	return &WriteError{path, err}
}

// explainPlace is [Explain] for a place that a person chose: what the system does not take
// is their mistake, but for a lack of room.
func explainPlace(path string, err error) error {
	if what, _ := shortage(err); err == nil || what != "" || errors.Is(err, syscall.EPIPE) {
		return Explain(path, err)
	}
	return badinput.Mark(Explain(path, err))
}
