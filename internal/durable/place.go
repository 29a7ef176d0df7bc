package durable

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
)

// A Place is the destination of a file that a user asked for. Everything that can be checked is
// checked when it is created, before the work whose result it receives.
type Place struct {
	path string      // as the user wrote it
	file string      // path with links resolved
	old  fs.FileInfo // the file to be replaced, or nil
	into *os.File    // an open special file to write into, or nil
}

// File is the place of a file named by the user. It is an error if a file exists that may not be
// replaced, or if none can be written there. A device or a pipe is opened, which waits for a pipe's
// reader.
func (g *Guard) File(ctx context.Context, path string) (*Place, error) {
	p, special, err := g.look(path)
	switch {
	case err != nil:
		return nil, err
	case p.into != nil:
		return p, nil
	case special:
		p.into, err = open(ctx, p.file)
		return p, badinput.Mark(err)
	case isMissing(filepath.Dir(p.file)): // created on the first write
	case p.old != nil:
		err = tryFile(hidden(p.file))
	default:
		err = tryFile(p.file) // with its actual name, which the system may reject
	}
	return p, explainPlace(path, err)
}

// Free is a place in the current folder with a name chosen by the program: if it is taken, it gets
// a number.
func (g *Guard) Free(name string) (*Place, error) {
	name = fitted(filepath.Base(name), "")
	return &Place{path: name, file: name}, Explain(name, tryFile(hidden(name)))
}

// look inspects a path, and whether it is a special file to write into.
func (g *Guard) look(path string) (p *Place, special bool, err error) {
	p = &Place{path: path}
	if p.file, p.into, err = follow(path); err != nil || p.into != nil {
		return p, p.into != nil, err
	}
	info, err := os.Stat(p.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, false, nil
	case err != nil:
		return p, false, badinput.Errorf("cannot write %s: %w", path, err)
	case info.IsDir():
		return p, false, badinput.Errorf("%s is a folder; name a file to write", path)
	case !info.Mode().IsRegular() && !isDisk(info):
		return p, true, nil
	case g.reads(info):
		return p, false, badinput.Errorf("%s is an input, and would be replaced; name another file", path)
	case !g.Force && g.Ask != "":
		return p, false, badinput.Errorf("%s exists; name another file, or replace it with %s", path, g.Ask)
	case !g.Force:
		return p, false, badinput.Errorf("%s exists; name another place", path)
	}
	p.old = info
	return p, isDisk(info), nil
}

// isDisk reports whether a file is a block device.
func isDisk(info fs.FileInfo) bool {
	return info.Mode()&fs.ModeDevice != 0 && info.Mode()&fs.ModeCharDevice == 0
}

// IsStdout reports whether the place is the program's standard output.
func (p *Place) IsStdout() bool {
	if p.into == nil {
		return false
	}
	info, err := p.into.Stat()
	out, err2 := os.Stdout.Stat()
	return err == nil && err2 == nil && os.SameFile(info, out)
}

// IsStream reports whether the place is a pipe, a device or an open file.
func (p *Place) IsStream() bool { return p.into != nil }

// Write writes the output of write to the place, atomically if it is a file, and returns the path
// written. If a file has appeared there since the place was checked, a numbered name beside it is
// used.
func (p *Place) Write(write func(io.Writer) error) (path string, err error) {
	if p.into != nil {
		w := bufio.NewWriter(p.into)
		if err = write(w); err == nil {
			err = w.Flush()
		}
		if p.into != os.Stdout && p.into != os.Stderr {
			err = errors.Join(err, p.into.Close())
		}
		if what, _ := shortage(err); what != "" { // nothing was there before, or it is lost
			return p.path, fmt.Errorf("the output to %s is incomplete: %w", p.path, err)
		}
		return p.path, explainPlace(p.path, err)
	}
	if err := os.MkdirAll(filepath.Dir(p.file), 0o777); err != nil {
		return p.path, Explain(p.path, err)
	}
	temp := hidden(p.file)
	defer os.Remove(temp)
	if err := writeSynced(temp, write); err != nil {
		return p.path, explainWritten(p.path, temp, err)
	}
	if path, err = p.publish(temp); err != nil {
		return path, Explain(path, err)
	}
	return path, Explain(path, SyncDir(filepath.Dir(p.file)))
}

// WriteFile is [Place.Write] for bytes.
func (p *Place) WriteFile(data []byte) (path string, err error) {
	return p.Write(func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// publish renames a finished file to its final name.
func (p *Place) publish(temp string) (path string, err error) {
	if p.old != nil {
		keepOwner(temp, p.old)
		err = errors.Join(os.Chmod(temp, p.old.Mode().Perm()), os.Rename(temp, p.file))
		return p.path, err
	}
	if err = claim(temp, p.file); !errors.Is(err, fs.ErrExist) {
		return p.path, err
	}
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		path = numbered(p.file, n)
		err = claim(temp, path)
	}
	return path, err
}

// claim renames a file to a name that no other has.
func claim(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// Without hard links: the name is reserved first.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	f.Close()
	if err := os.Rename(temp, path); err != nil {
		os.Remove(path)
		return err
	}
	return nil
}

// tryFile tests whether a file of an unused name can be created: permissions alone do not tell.
func tryFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(path))
}

// isMissing reports whether nothing exists under a name.
func isMissing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// open opens a special file for writing, which may block until there is a reader.
func open(ctx context.Context, path string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
