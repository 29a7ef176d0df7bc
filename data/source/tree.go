package source

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"

	"atelier/data"
)

// A tree is a set of files under paths with slashes: a folder or an archive.
type tree interface {
	// walk yields every file that is not hidden, always in the same order. An error
	// is the last.
	walk(ctx context.Context) iter.Seq2[leaf, error]
	io.Closer
}

// A leaf is a file of a tree.
type leaf struct {
	path string
	// open opens the file, until the walk goes on.
	open func() (io.ReadCloser, error)
	// drop says why the file is not to be read, nil if it is.
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

// walk yields the regular files in the order of their paths. A folder that cannot
// be listed is a drop.
func (t folderTree) walk(ctx context.Context) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		var leaves []leaf
		err := fs.WalkDir(t.root.FS(), ".", func(file string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil && file == ".":
				return err
			case err != nil:
				leaves = append(leaves, leaf{path: file, drop: asDrop(unreadable(err))})
			case file != "." && isHidden(d.Name()):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				leaves = append(leaves, leaf{path: file, open: func() (io.ReadCloser, error) { return t.root.Open(file) }})
			}
			return nil
		})
		if err != nil {
			yield(leaf{}, err)
			return
		}
		slices.SortFunc(leaves, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
		for _, l := range leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}
