package source

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Limits of an IDX file, whose header must not decide how much memory is allocated.
const (
	maxIDXItems = 10_000_000
	maxIDXSide  = 4096
)

// An idxFile is an open IDX file of unsigned bytes, after its header.
type idxFile struct {
	name string
	dims []int
	r    *bufio.Reader
	file fs.File
}

// read opens an IDX file with the given number of dimensions.
func (s idxSet) read(name string, rank int) (*idxFile, error) {
	file, err := s.fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("idx: %w", err)
	}
	f := &idxFile{name: s.place + "/" + name, file: file}
	if err := f.header(rank, strings.HasSuffix(name, ".gz")); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return f, nil
}

// header reads the magic number and the dimensions.
func (f *idxFile) header(rank int, zipped bool) error {
	var r io.Reader = f.file
	if zipped {
		unzip, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("not a gzip file (%w)", err)
		}
		r = unzip
	}
	f.r = bufio.NewReaderSize(r, 256<<10)
	words := make([]uint32, 1+rank)
	if err := binary.Read(f.r, binary.BigEndian, words); err != nil {
		return fmt.Errorf("the IDX header is cut short (%w)", err)
	}
	if want := uint32(0x800 + rank); words[0] != want {
		return fmt.Errorf("the magic number is %d, but that of an IDX file of bytes with %d dimensions is %d", words[0], rank, want)
	}
	for i, w := range words[1:] {
		limit := uint32(maxIDXSide)
		if i == 0 {
			limit = maxIDXItems
		}
		if w == 0 || w > limit {
			return fmt.Errorf("dimension %d is %d; it must be between 1 and %d", i+1, w, limit)
		}
		f.dims = append(f.dims, int(w))
	}
	return nil
}

// append reads n bytes and appends them, so that memory grows with the actual data instead of the
// size in the header.
func (f *idxFile) append(to []byte, n int) ([]byte, error) {
	const piece = 1 << 20
	for n > 0 {
		m := min(n, piece)
		start := len(to)
		to = append(to, make([]byte, m)...)
		if _, err := io.ReadFull(f.r, to[start:]); err != nil {
			return nil, fmt.Errorf("%s: cut short or damaged (%w)", f.name, err)
		}
		n -= m
	}
	return to, nil
}

// end returns an error if the file continues, or if its gzip checksum is wrong.
func (f *idxFile) end() error {
	switch _, err := f.r.ReadByte(); {
	case err == nil:
		return fmt.Errorf("%s: continues after the %d entries that its header declares", f.name, f.dims[0])
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("%s: damaged (%w)", f.name, err)
	}
	return nil
}

func (f *idxFile) close() { f.file.Close() }
