// Package mapped memory-maps files.
package mapped

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/edsrzf/mmap-go"
)

// A File is a file in memory. It must not be truncated while it is open.
type File struct {
	Bytes  []byte
	region mmap.MMap // nil if the bytes were read instead
}

// Open maps a file into memory, or reads it if the system cannot map it and it has at most limit
// bytes. An error completes a sentence that begins with the file's name, unless the file cannot be
// opened.
func Open(path string, most int64) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the mapping outlives it
	return From(f, most)
}

// ErrEmpty is returned for an empty file.
var ErrEmpty = errors.New("is empty")

// From is Open for an open file, from its beginning; it may be closed afterwards.
func From(f *os.File, most int64) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, ErrEmpty
	}
	region, err := mmap.Map(f, mmap.RDONLY, 0)
	if err == nil {
		return &File{region, region}, nil
	}
	if info.Size() > most {
		return nil, fmt.Errorf("cannot be mapped into memory: %w", err)
	}
	read, err := io.ReadAll(f)
	return &File{Bytes: read}, err
}

// Close frees the memory, which must not be used afterwards.
func (f *File) Close() error {
	if f.region == nil {
		return nil
	}
	return f.region.Unmap()
}
