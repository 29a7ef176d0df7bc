package durable

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
)

// A Place is where a file that a person asked for is going to be. What can be known to be
// wrong with it is found when it is made, before the work whose outcome it takes.
type Place struct {
	path string      // as the person wrote it
	file string      // what path leads to, through links
	old  fs.FileInfo // the file that is replaced, nil if none is
	into *os.File    // what is written into because it is no regular file, nil if it is one
}

// File is the place of a file that a person named. It is an error if there is a file
// already that may not be replaced, or if none can be written there. A device or a pipe is
// opened, which waits for a pipe's reader.
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
	case isMissing(filepath.Dir(p.file)): // it is made when there is something to write
	case p.old != nil:
		err = tryFile(hidden(p.file))
	default:
		err = tryFile(p.file) // its very name, which the system may not take
	}
	return p, explainPlace(path, err)
}

// Free is the place of a file in the current folder that the program names: where there is
// one of that name already, it gets a number.
func (g *Guard) Free(name string) (*Place, error) {
	name = fitted(filepath.Base(name), "")
	return &Place{path: name, file: name}, Explain(name, tryFile(hidden(name)))
}

// look sees what is at a path, and whether that is something special to be written into.
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
		return p, false, badinput.Errorf("%s is read to make what would replace it; name another file", path)
	case !g.Force && g.Ask != "":
		return p, false, badinput.Errorf("%s exists; name another file, or replace it with %s", path, g.Ask)
	case !g.Force:
		return p, false, badinput.Errorf("%s exists; name another place", path)
	}
	p.old = info
	return p, isDisk(info), nil
}

// isDisk reports whether a file is a device that keeps what is written to it.
func isDisk(info fs.FileInfo) bool {
	return info.Mode()&fs.ModeDevice != 0 && info.Mode()&fs.ModeCharDevice == 0
}

// IsStdout reports whether the place is where the standard output of the program goes.
func (p *Place) IsStdout() bool {
	if p.into == nil {
		return false
	}
	info, err := p.into.Stat()
	out, err2 := os.Stdout.Stat()
	return err == nil && err2 == nil && os.SameFile(info, out)
}

// Write puts what write puts out into the place, as a whole or not at all where that is a
// file, and returns the path that it was written to. If a file has come to be there since
// the place was looked at, that is one beside it, with a number.
func (p *Place) Write(write func(io.Writer) error) (path string, err error) {
	if p.into != nil {
		w := bufio.NewWriter(p.into)
		if err = write(w); err == nil {
			err = w.Flush()
		}
		if p.into != os.Stdout && p.into != os.Stderr {
			err = errors.Join(err, p.into.Close())
		}
		return p.path, explainPlace(p.path, err)
	}
	if err := os.MkdirAll(filepath.Dir(p.file), 0o777); err != nil {
		return p.path, Explain(p.path, err)
	}
	temp := hidden(p.file)
	defer os.Remove(temp)
	if err := writeSynced(temp, write); err != nil {
		return p.path, Explain(p.path, err)
	}
	if path, err = p.publish(temp); err != nil {
		return path, Explain(path, err)
	}
	return path, Explain(path, SyncDir(filepath.Dir(p.file)))
}

// WriteFile is [Place.Write] of bytes.
func (p *Place) WriteFile(data []byte) (path string, err error) {
	return p.Write(func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// publish gives a file that is written its name.
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

// claim gives a file a name that no other has.
func claim(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// There are file systems without hard links: the name is taken first.
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

// tryFile finds out whether a file of a name that is free can be made: rights alone do not
// say.
func tryFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(path))
}

// isMissing reports that there is nothing of a name.
func isMissing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// open opens what is no regular file for writing, which may wait for a reader.
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
