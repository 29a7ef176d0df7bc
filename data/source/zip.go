package source

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"atelier/data"
)

// maxDirectory is the size of the largest directory of a zip, in bytes: it is held
// in memory.
const maxDirectory = 64 << 20

// A zipTree is the members of a zip.
type zipTree struct {
	file   *os.File
	leaves []leaf
}

func (t *zipTree) Close() error { return t.file.Close() }

// newZipTree reads the directory of a zip of so many bytes.
func newZipTree(file *os.File, size int64) (*zipTree, error) {
	from := &directoryReader{file, maxDirectory}
	r, err := zip.NewReader(from, size)
	switch {
	case err != nil && errors.Is(from.err(), errDirectory):
		return nil, errDirectory
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, damaged(err)
	}
	from.left = 1<<63 - 1
	t, seen, unpacked := &zipTree{file: file}, names{}, newMeter(size)
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") || isHiddenPath(strings.ReplaceAll(f.Name, `\`, "/")) {
			continue
		}
		l := seen.leaf(f.Name, zipDrop(f))
		l.open = func() (io.ReadCloser, error) {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			return struct {
				io.Reader
				io.Closer
			}{unpacked.of(r), r}, nil
		}
		t.leaves = append(t.leaves, l)
	}
	slices.SortStableFunc(t.leaves, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
	return t, nil
}

// zipDrop says why a member is not read, nil if it is.
func zipDrop(f *zip.File) *data.Drop {
	switch {
	case !f.Mode().IsRegular():
		return data.Dropf("no regular file", "it is a link or a device")
	case f.Flags&1 != 0:
		return data.Dropf("encrypted", "it can be read with a password alone")
	case f.UncompressedSize64 > maxFile:
		return data.Dropf("too large", "%v", errTooLarge{maxFile})
	case f.UncompressedSize64 > maxSlack && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return data.Dropf("bomb", "it unpacks to more than %d times its size", maxRatio)
	}
	return nil
}

func (t *zipTree) walk(ctx context.Context) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		for _, l := range t.leaves {
			if err := ctx.Err(); err != nil {
				yield(leaf{}, err)
				return
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

var errDirectory = errors.New("has a directory of more than 64 MiB; split the archive")

// A directoryReader bounds what is read of a zip before its members are known.
type directoryReader struct {
	io.ReaderAt
	left int64
}

func (r *directoryReader) ReadAt(p []byte, at int64) (int, error) {
	if r.left -= int64(len(p)); r.left < 0 {
		return 0, errDirectory
	}
	return r.ReaderAt.ReadAt(p, at)
}

func (r *directoryReader) err() error {
	if r.left < 0 {
		return errDirectory
	}
	return nil
}
