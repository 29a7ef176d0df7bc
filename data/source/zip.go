package source

import (
	"archive/zip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"atelier/data"
	"atelier/internal/badinput"
	"atelier/internal/filename"
)

// maxDirectory is the size limit of the central directory of a zip, in bytes: it is held in memory.
const maxDirectory = 64 << 20

// A zipTree is the members of a zip.
type zipTree struct {
	file   archiveFile
	leaves []leaf
}

func (t *zipTree) Close() error { return t.file.Close() }

// newZipTree reads the central directory of a zip of the given size in bytes.
func newZipTree(file archiveFile, size int64) (tree, error) {
	from := &directoryReader{file, maxDirectory}
	r, err := zip.NewReader(from, size)
	switch {
	case err != nil && errors.Is(from.err(), errDirectory):
		return nil, badinput.Mark(errDirectory)
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		return nil, damaged(err)
	}
	from.left = 1<<63 - 1
	packed := uint64(0)
	for _, f := range r.File {
		if packed += min(f.CompressedSize64, uint64(size)+1); packed > uint64(size) {
			return nil, badinput.Mark(errOverlap)
		}
	}
	t, seen, unpacked := &zipTree{file: file}, names{read: zipNames(r.File)}, newMeter(size)
	files := slices.Clone(r.File)
	slices.SortStableFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		name, ok := utf8Name(f)
		if !ok {
			name = seen.read.Read(f.Name)
		}
		if strings.HasSuffix(f.Name, "/") || isHiddenPath(name) {
			continue
		}
		l := seen.leafOf(f.Name, name, zipDrop(f))
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

// zipNames detects the encoding of member names that are not declared as UTF-8.
func zipNames(files []*zip.File) filename.Names {
	var guess filename.Guess
	for _, f := range files {
		if _, ok := utf8Name(f); !ok && !isHiddenPath(f.Name) {
			guess.Add(f.Name)
		}
	}
	return guess.Names()
}

// utf8Name is the name of a member that is declared as UTF-8, by its flag or by Info-ZIP's extra
// field (APPNOTE 4.6.9).
func utf8Name(f *zip.File) (name string, ok bool) {
	const flagUTF8, infoZIP = 0x800, 0x7075
	for extra := f.Extra; len(extra) >= 4; {
		size := int(binary.LittleEndian.Uint16(extra[2:])) + 4
		if size > len(extra) {
			break
		}
		field := extra[4:size]
		if binary.LittleEndian.Uint16(extra) == infoZIP && len(field) > 5 && field[0] == 1 &&
			binary.LittleEndian.Uint32(field[1:]) == crc32.ChecksumIEEE([]byte(f.Name)) && utf8.Valid(field[5:]) {
			return filename.Readable(string(field[5:])), true
		}
		extra = extra[size:]
	}
	return filename.Readable(f.Name), f.Flags&flagUTF8 != 0 && utf8.ValidString(f.Name)
}

// zipDrop is the reason why a member is not read, or nil.
func zipDrop(f *zip.File) *data.Drop {
	switch {
	case !f.Mode().IsRegular():
		return Irregular(f.Mode())
	case f.Flags&1 != 0:
		return data.Dropf("encrypted", "it is protected by a password")
	case f.UncompressedSize64 > uint64(mostOf(f.Name)):
		return data.Dropf(tooLarge, "%v", errTooLarge{mostOf(f.Name)})
	case f.UncompressedSize64 > maxSlack && f.UncompressedSize64/maxRatio > f.CompressedSize64:
		return data.Dropf("bomb", "it unpacks to more than %d times its size", maxRatio)
	}
	return nil
}

func (t *zipTree) walk(ctx context.Context) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		if most := mostMembers(ctx); len(t.leaves) > most {
			yield(leaf{}, fmt.Errorf("has more than %d files; split it", most))
			return
		}
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

// errOverlap is for a small zip with overlapping members, which decompresses to any size (Fifield
// 2019, A better zip bomb).
var errOverlap = errors.New("has overlapping members: it is a decompression bomb, not an archive of works")

var errDirectory = errors.New("has a directory of more than 64 MiB; split the archive")

// A directoryReader limits what is read of a zip before its members are known.
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
