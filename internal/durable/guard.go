package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"atelier/internal/badinput"
)

// A Guard keeps files that exist from being replaced by those that a person asks for.
type Guard struct {
	// Force allows files that exist to be replaced, but for the inputs.
	Force bool
	// Ask is how a person asks for that, such as --force; empty if there is no way.
	Ask string
	// Inputs are the files and folders that the work reads.
	Inputs []string

	once sync.Once
	read map[likeness][]fs.FileInfo // every file of the inputs
}

// A likeness is what is the same of two names of one file.
type likeness struct {
	size  int64
	mtime time.Time
}

func likenessOf(info fs.FileInfo) likeness { return likeness{info.Size(), info.ModTime()} }

// reads reports whether a file is one of the inputs, whatever name it goes by.
func (g *Guard) reads(file fs.FileInfo) bool {
	g.once.Do(func() {
		g.read = map[likeness][]fs.FileInfo{}
		for _, input := range g.Inputs {
			if input == "" {
				continue
			}
			filepath.WalkDir(input+string(filepath.Separator), g.add) // into a folder that is linked to
			g.add(input, nil, nil)
		}
	})
	for _, input := range g.read[likenessOf(file)] {
		if os.SameFile(input, file) {
			return true
		}
	}
	return false
}

// add adds a file to those that are read. What cannot be looked at cannot be read either.
func (g *Guard) add(path string, _ fs.DirEntry, _ error) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		g.read[likenessOf(info)] = append(g.read[likenessOf(info)], info)
	}
	return nil
}

// mostLinks is how many symbolic links may lead from one to the next.
const mostLinks = 40

// follow returns where a path leads through symbolic links, whether there is something or
// not, or the open file of this process that it stands for, as /dev/stdout does.
func follow(path string) (file string, open *os.File, err error) {
	named := path
	for range mostLinks {
		dir, name := filepath.Split(path)
		if dir == "" {
			dir = "."
		}
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			var info fs.FileInfo
			if info, err = os.Stat(real); err == nil && !info.IsDir() {
				err = fs.ErrNotExist
			}
		}
		switch {
		case err != nil && name != "":
			if real, err = missing(dir); err != nil {
				return "", nil, badinput.Errorf("cannot write %s: %w", named, err)
			}
			return filepath.Join(real, name), nil, nil
		case err != nil:
			return "", nil, badinput.Errorf("cannot write %s: %w", named, err)
		case name == "" && path == named:
			return "", nil, badinput.Errorf("%s is the name of a folder; name a file to write", named)
		}
		if n, ok := descriptor(real, name); ok {
			open, err = ofDescriptor(n)
			return "", open, explainPlace(named, err)
		}
		path = filepath.Join(real, name)
		target, err := os.Readlink(path)
		if err != nil {
			return path, nil, nil // no link
		}
		if path = target; !filepath.IsAbs(path) {
			path = real + string(filepath.Separator) + path
		}
	}
	return "", nil, badinput.Errorf("cannot write %s: it is a link that leads nowhere", named)
}

// missing is the path of a folder that is not there, with no links in it. It is an error if
// such a folder could not be made.
func missing(dir string) (string, error) {
	var rest []string
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			info, err = os.Stat(at)
			if errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("%s is a link that leads nowhere", at)
			}
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && at != filepath.Dir(at):
			rest = append(rest, filepath.Base(at))
			continue
		case err != nil:
			return "", err
		case !info.IsDir():
			return "", fmt.Errorf("%s is no folder", at)
		}
		real, err := filepath.EvalSymlinks(at)
		if err != nil || len(rest) == 0 {
			return real, err
		}
		slices.Reverse(rest)
		first := filepath.Join(real, rest[0])
		if err = os.Mkdir(first, 0o777); err == nil {
			err = os.Remove(first)
		}
		return filepath.Join(real, filepath.Join(rest...)), err
	}
}

// descriptor is the number of the open file of this process that a name stands for.
func descriptor(dir, name string) (n int, ok bool) {
	n, err := strconv.Atoi(name)
	if err != nil {
		return 0, false
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return 0, false
	}
	fds, err := filepath.EvalSymlinks("/dev/fd")
	own := err == nil && dir == fds
	return n, own || filepath.Base(dir) == "fd" && strings.HasPrefix(dir, fmt.Sprintf("/proc/%d/", os.Getpid()))
}

// ofDescriptor is an open file of this process.
func ofDescriptor(n int) (*os.File, error) {
	switch n {
	case 1:
		return os.Stdout, nil
	case 2:
		return os.Stderr, nil
	}
	f := os.NewFile(uintptr(n), fmt.Sprintf("file descriptor %d", n))
	if f == nil {
		return nil, fs.ErrNotExist
	}
	if _, err := f.Stat(); err != nil {
		return nil, badinput.Mark(err)
	}
	return f, nil
}
