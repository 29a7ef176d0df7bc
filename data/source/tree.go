package source

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"atelier/data"
	"atelier/internal/filename"
)

// A tree is a set of files under slash-separated paths: a folder or an archive.
type tree interface {
	// walk yields every file that is not hidden, always in the same order. An error is the last.
	walk(ctx context.Context) iter.Seq2[leaf, error]
	io.Closer
}

// A leaf is a file of a tree.
type leaf struct {
	path string
	// open opens the file, valid until the walk goes on.
	open func() (io.ReadCloser, error)
	// drop is the reason why the file is not to be read, or nil.
	drop *data.Drop
}

// read reads the whole file.
func (l leaf) read(limit int64) ([]byte, error) {
	if l.drop != nil {
		return nil, l.drop
	}
	f, err := l.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return drain(f, limit)
}

// A folderTree is a folder on disk. Nothing outside it is read.
type folderTree struct{ root *os.Root }

func (t folderTree) Close() error { return t.root.Close() }

// walk yields the files sorted by path. Anything but a regular file is a drop, and so is a folder
// that cannot be listed.
func (t folderTree) walk(ctx context.Context) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		files, err := t.list(ctx, ".", nil)
		if err != nil {
			yield(leaf{}, err)
			return
		}
		slices.SortFunc(files, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
		var guess filename.Guess
		for _, f := range files {
			guess.Add(f.path)
		}
		known := names{read: guess.Names()}
		for _, f := range files {
			if f.path = known.unique(known.read.Read(f.path), f.path); !yield(f, nil) {
				return
			}
		}
	}
}

// list adds the files of a folder and its sub-folders, by their paths on disk: package fs rejects
// paths that are not UTF-8.
func (t folderTree) list(ctx context.Context, dir string, files []leaf) ([]leaf, error) {
	entries, err := t.entries(dir)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && dir == ".":
		return nil, err
	case err != nil:
		files = append(files, leaf{path: dir, drop: asDrop(unreadable(err))})
	}
	for _, d := range entries {
		file := strings.TrimPrefix(dir+"/"+d.Name(), "./")
		switch {
		case isHidden(d.Name()):
		case d.IsDir():
			if files, err = t.list(ctx, file, files); err != nil {
				return nil, err
			}
		default:
			open := func() (io.ReadCloser, error) { return t.root.Open(filepath.FromSlash(file)) }
			files = append(files, leaf{path: file, open: open, drop: Irregular(d.Type())})
		}
	}
	return files, nil
}

func (t folderTree) entries(dir string) ([]fs.DirEntry, error) {
	f, err := t.root.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// Irregular is the reason why a file of this mode is not read, or nil.
func Irregular(mode fs.FileMode) *data.Drop {
	switch {
	case mode.IsRegular():
		return nil
	case mode&fs.ModeSymlink != 0:
		return data.Dropf(symbolicLink, "links are not followed; copy what it leads to")
	}
	return data.Dropf("no regular file", "it is a device or a pipe")
}
