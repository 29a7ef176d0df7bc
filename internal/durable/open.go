package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"atelier/internal/badinput"
)

// An OpenError says in plain words why a file could not be opened. It unwraps to the
// [*fs.PathError].
type OpenError struct{ *fs.PathError }

func (e *OpenError) Error() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist), errors.Is(e.Err, syscall.ENOTDIR):
		return e.Path + ": there is no such file"
	case errors.Is(e.Err, fs.ErrPermission):
		return e.Path + ": may not be read: permission denied"
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the error of the file system.
func (e *OpenError) Unwrap() error { return e.PathError }

// unopened makes an [OpenError] of an error of the file system.
func unopened(err error) error {
	if path, ok := err.(*fs.PathError); ok {
		return &OpenError{path}
	}
	return err
}

// Open opens a regular file for reading. Folders, devices, and pipes, on which opening may block
// forever, are refused.
func Open(path string) (*os.File, error) { return openRegular(path, os.Stat, os.Open) }

// OpenIn is Open for a file below a root, which it must not leave.
func OpenIn(root *os.Root, path string) (*os.File, error) {
	return openRegular(path, root.Stat, root.Open)
}

func openRegular(path string, stat func(string) (fs.FileInfo, error), open func(string) (*os.File, error)) (*os.File, error) {
	info, err := stat(path)
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, unopened(err)
	}
	f, err := open(path)
	return f, unopened(err)
}

// regular rejects anything but a regular file.
func regular(path string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return &fs.PathError{Op: "open", Path: path, Err: badinput.Errorf("is a folder; want a file")}
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: path, Err: badinput.Errorf("is a pipe or a device; want a file")}
	}
	return nil
}

// ReadFile reads a regular file of at most limit bytes. Folders, and pipes and devices, which may
// never end, are refused.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var data bytes.Buffer
	if info, err := f.Stat(); err == nil {
		if info.Size() > limit {
			return nil, fmt.Errorf("%s is larger than %d bytes, and no more are read", path, limit)
		}
		data.Grow(int(info.Size()) + bytes.MinRead) // at once, since large files would be copied as they grow
	}
	_, err = data.ReadFrom(io.LimitReader(f, limit+1))
	if err == nil && int64(data.Len()) > limit {
		err = fmt.Errorf("%s is larger than %d bytes, and no more are read", path, limit)
	}
	return data.Bytes(), err
}
