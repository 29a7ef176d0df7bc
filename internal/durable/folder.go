package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
)

// A Folder is the destination of files that a user asked for, with names chosen by the program.
type Folder struct {
	path  string // as the user wrote it
	dir   string // path with links resolved
	guard *Guard
	taken taken
}

// Folder is a folder named by the user, which need not exist. It is an error if nothing can be
// written there.
func (g *Guard) Folder(path string) (*Folder, error) {
	f := &Folder{path: filepath.Clean(path), guard: g, taken: taken{}}
	var open *os.File
	var err error
	if f.dir, open, err = follow(f.path); err != nil {
		return nil, err
	}
	info, err := os.Stat(f.dir)
	switch {
	case open != nil || err == nil && !info.IsDir():
		return nil, badinput.Errorf("%s is not a folder", path)
	case err == nil:
		err = tryFile(hidden(filepath.Join(f.dir, "file")))
	case isMissing(filepath.Dir(f.dir)): // created on the first write
		err = nil
	case errors.Is(err, fs.ErrNotExist):
		if err = os.Mkdir(f.dir, 0o777); err == nil {
			err = os.Remove(f.dir)
		}
	}
	return f, explainPlace(path, err)
}

// Expect announces the names of all files to come, in order. It is an error if one of them exists
// and may not be replaced.
func (f *Folder) Expect(names []string) error {
	if _, err := os.Stat(f.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	all := taken{}
	for _, name := range names {
		if _, _, err := f.guard.look(filepath.Join(f.path, all.next(name))); err != nil {
			return err
		}
	}
	return nil
}

// WriteFile writes a file atomically, and returns its path. If the name was used already, or has
// appeared in the meantime, it gets a number.
func (f *Folder) WriteFile(name string, data []byte) (path string, err error) {
	if err := os.MkdirAll(f.dir, 0o777); err != nil {
		return f.path, Explain(f.path, err)
	}
	path = filepath.Join(f.path, f.taken.next(name))
	p, special, err := f.guard.look(path)
	switch {
	case err != nil:
		p = &Place{path: path, file: path}
	case special && p.into == nil:
		if p.into, err = os.OpenFile(p.file, os.O_WRONLY, 0); err != nil {
			return path, explainPlace(path, err)
		}
	}
	return p.WriteFile(data)
}

// FillDir puts what write puts into the empty folder it is given into the folder at path, all or
// nothing. The folder is new, or empty, and is kept itself: it may be a link, or a mount point.
func FillDir(path string, write func(dir string) error) error {
	dir, _, err := follow(filepath.Clean(path))
	if err != nil {
		return err
	}
	temp, there := hidden(dir), exists(dir)
	if there {
		temp = hidden(filepath.Join(dir, "file"))
	}
	if err = os.Mkdir(temp, 0o777); err == nil {
		err = write(temp)
	}
	if err == nil {
		err = flush(temp)
	}
	if err != nil {
		os.RemoveAll(temp)
		return explainWritten(path, temp, err)
	}
	if there {
		err = moveUp(temp)
	} else {
		err = os.Rename(temp, dir)
	}
	if err != nil {
		os.RemoveAll(temp)
		return Explain(path, err)
	}
	return Explain(path, SyncDir(filepath.Dir(dir)))
}

// moveUp moves the contents of a folder into its parent and removes it.
func moveUp(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(dir, e.Name()), filepath.Join(filepath.Dir(dir), e.Name())); err != nil {
			return err
		}
	}
	return errors.Join(os.Remove(dir), SyncDir(filepath.Dir(dir)))
}
