package source

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"sync"

	"github.com/klauspost/compress/zstd"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/filename"
)

// A tarTree is the members of a tar, compressed or not. Each walk reads it from the beginning.
type tarTree struct {
	file  archiveFile
	kind  string
	size  int64 // bytes of the file
	guess sync.Once
	names filename.Names // names that are not in UTF-8, once one was found
}

func (t *tarTree) Close() error { return t.file.Close() }

// A tarMember is a member of a tar, valid until the next one is read.
type tarMember struct {
	*tar.Header
	io.Reader
	meter *meter // of everything read in this walk
}

// members yields everything in the tar. An error is the last.
func (t *tarTree) members(ctx context.Context) iter.Seq2[tarMember, error] {
	return func(yield func(tarMember, error) bool) {
		read := newMeter(t.size)
		unpacked, done, err := t.unpack(read)
		if err != nil {
			yield(tarMember{}, err)
			return
		}
		defer done()
		members := tar.NewReader(unpacked)
		for n := 0; ; n++ {
			h, err := members.Next()
			switch {
			case ctx.Err() != nil:
				err = ctx.Err()
			case err == io.EOF:
				if _, err := io.Copy(io.Discard, unpacked); err != nil { // the checksum follows
					yield(tarMember{}, damaged(err))
				}
				return
			case err != nil && !errors.Is(err, tar.ErrInsecurePath):
				err = damaged(err)
			case n >= mostMembers(ctx):
				err = fmt.Errorf("has more than %d files; split it", mostMembers(ctx))
			default:
				err = nil
			}
			if !yield(tarMember{h, members, read}, err) || err != nil {
				return
			}
		}
	}
}

// walk yields the members in archive order, followed by the hard links.
func (t *tarTree) walk(ctx context.Context) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		var seen names
		var links hardLinks
		for m, err := range t.members(ctx) {
			if err != nil {
				yield(leaf{}, err)
				return
			}
			if filename.IsDoubtful(m.Name) {
				t.guess.Do(func() { t.names = t.guessNames(ctx) })
				seen.read = t.names
			}
			hidden := isNoMember(m.Header) || isHiddenPath(seen.read.Read(m.Name))
			if m.Typeflag == tar.TypeLink {
				links.add(m.Header, hidden)
				continue
			}
			if hidden {
				continue
			}
			l := seen.leaf(m.Name, tarDrop(m.Header))
			l.open = func() (io.ReadCloser, error) { return io.NopCloser(m.Reader), nil }
			if !yield(l, nil) {
				return
			}
		}
		links.walk(t.members(ctx), &seen, yield)
	}
}

func isNoMember(h *tar.Header) bool {
	return h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader
}

// guessNames reads all names to detect their encoding. Errors in the archive are left to the walk.
func (t *tarTree) guessNames(ctx context.Context) filename.Names {
	var guess filename.Guess
	for m, err := range t.members(ctx) {
		if err == nil && !isNoMember(m.Header) && !isHiddenPath(m.Name) {
			guess.Add(m.Name)
		}
	}
	return guess.Names()
}

// tarDrop is the reason why a member is not read, or nil.
func tarDrop(h *tar.Header) *data.Drop {
	switch {
	case h.Typeflag == tar.TypeSymlink:
		return Irregular(fs.ModeSymlink)
	case h.Typeflag != tar.TypeReg:
		return Irregular(fs.ModeIrregular)
	case h.Size > mostOf(h.Name):
		return data.Dropf(tooLarge, "%v", errTooLarge{mostOf(h.Name)})
	}
	return nil
}

// zstdReaders are reused: creating one takes longer than reading a small archive.
var zstdReaders = sync.Pool{New: func() any {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return z
}}

// unpack returns the tar from its beginning, metered.
func (t *tarTree) unpack(m *meter) (r io.Reader, done func(), err error) {
	r, done = bufio.NewReaderSize(io.NewSectionReader(t.file, 0, t.size), int(min(t.size, 256<<10))), func() {}
	switch t.kind {
	case "tar.gz":
		if r, err = newGunzip(r); err != nil {
			return nil, nil, badinput.Errorf("not a gzip file (%w)", err)
		}
	case "tar.zst":
		z, _ := zstdReaders.Get().(*zstd.Decoder)
		if err := z.Reset(r); err != nil {
			return nil, nil, badinput.Errorf("not a zstd file (%w)", err)
		}
		r, done = z, func() {
			_ = z.Reset(nil) // releases the file
			zstdReaders.Put(z)
		}
	}
	return m.of(r), done, nil
}
