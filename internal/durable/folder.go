package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"atelier/internal/badinput"
)

// A Folder is where files that a person asked for are going to be, under names that the
// program gives them.
type Folder struct {
	path  string // as the person wrote it
	dir   string // what path leads to, through links
	guard *Guard
	taken taken
}

// Folder is the folder that a person named, which need not exist. It is an error if nothing
// can be written there.
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
		return nil, badinput.Errorf("%s is no folder", path)
	case err == nil:
		err = tryFile(hidden(filepath.Join(f.dir, "file")))
	case isMissing(filepath.Dir(f.dir)): // made when there is something to write
		err = nil
	case errors.Is(err, fs.ErrNotExist):
		if err = os.Mkdir(f.dir, 0o777); err == nil {
			err = os.Remove(f.dir)
		}
	}
	return f, explainPlace(path, err)
}

// Expect is told the names of all files to come, in their order. It is an error if one of
// them exists and may not be replaced.
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

// WriteFile writes a file, as a whole or not at all, and returns its path. Where that name
// was written already, or has come to be there unexpected, it gets a number.
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

// FillDir puts what write puts into the empty folder it is given into the folder at path,
// as a whole or not at all. That one is new, or empty, and stays what it is: a link, or the
// root of another file system.
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
	switch {
	case err != nil:
	case there:
		err = moveUp(temp)
	default:
		err = os.Rename(temp, dir)
	}
	if err != nil {
		os.RemoveAll(temp)
		return Explain(path, err)
	}
	return Explain(path, SyncDir(filepath.Dir(dir)))
}

// moveUp moves what is in a folder into its parent and removes it.
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
