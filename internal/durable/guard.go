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

// A Guard protects existing files from being replaced by a command's outputs.
type Guard struct {
	// Force allows existing files to be replaced, except the inputs.
	Force bool
	// Ask is how a user allows that, such as --force; empty if there is no way.
	Ask string
	// Inputs are the files and folders that are read.
	Inputs []string

	once sync.Once
	read map[likeness][]fs.FileInfo // every file of the inputs
}

// A likeness is shared by all names of one file.
type likeness struct {
	size  int64
	mtime time.Time
}

func likenessOf(info fs.FileInfo) likeness { return likeness{info.Size(), info.ModTime()} }

// reads reports whether a file is one of the inputs, by whatever name.
func (g *Guard) reads(file fs.FileInfo) bool {
	g.once.Do(func() {
		g.read = map[likeness][]fs.FileInfo{}
		for _, input := range g.Inputs {
			if input == "" {
				continue
			}
			filepath.WalkDir(input+string(filepath.Separator), g.add) // descends into a linked folder
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

// add adds an input file. A file that cannot be inspected cannot be read either.
func (g *Guard) add(path string, _ fs.DirEntry, _ error) error {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		g.read[likenessOf(info)] = append(g.read[likenessOf(info)], info)
	}
	return nil
}

// mostLinks is the longest chain of symbolic links.
const mostLinks = 40

// follow resolves symbolic links, whether the target exists or not, or returns the open file of
// this process that the path stands for, such as /dev/stdout.
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
			return path, nil, nil // not a link
		}
		if path = target; !filepath.IsAbs(path) {
			path = real + string(filepath.Separator) + path
		}
	}
	return "", nil, badinput.Errorf("cannot write %s: it is a link that leads nowhere", named)
}

// missing is the path of a folder that does not exist, with links resolved. It is an error if such
// a folder could not be created.
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
			return "", fmt.Errorf("%s is not a folder", at)
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
