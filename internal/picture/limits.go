package picture

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

// MaxPixels is the size of the largest picture that is decoded.
const MaxPixels = 64 << 20

// Limits of decoding. The compression ratio is not limited: drawings and screenshots of millions of
// pixels take a few kilobytes. But a picture that needs an unusual amount of memory, such as a
// large progressive JPEG, must also be a large file.
const (
	maxMemory     = 320 << 20 // bytes
	memoryPerByte = 128       // per byte of the file, beyond that
)

// The largest expansion of a byte: deflate encodes 258 bytes in two bits, LZW 4096 in twelve, and
// PackBits 128 in sixteen.
const (
	deflateRatio  = 1032
	lzwRatio      = 2731
	packBitsRatio = 64
)

// setSize sets the size, and rejects pictures without pixels and those with too many.
func (f *File) setSize(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("a picture of %d×%d pixels", width, height)
	}
	if width > MaxPixels/height {
		return fmt.Errorf("a picture of %d×%d pixels is too large; at most %d megapixels are read", width, height, MaxPixels>>20)
	}
	f.Width, f.Height = width, height
	return nil
}

// affordable rejects a file that is too short for its declared size, and one that takes too much
// memory.
func (f *File) affordable() error {
	length := 0
	for _, p := range f.parts {
		if p.role == needed {
			length += len(p.raw)
		}
	}
	switch {
	case length < f.least:
		return damaged("%d×%d pixels take more than its %d bytes", f.Width, f.Height, length)
	case f.memory > max(maxMemory, memoryPerByte*length):
		return fmt.Errorf("a picture of %d×%d pixels that takes %d MiB of memory to decode; at most %d are spent on one: save it smaller, with 8 bits a colour and not interlaced or progressive",
			f.Width, f.Height, f.memory>>20, maxMemory>>20)
	}
	return nil
}

// Pictures that need largePicture bytes of memory or more wait for each other, so that those being
// decoded take at most maxDecoding.
const (
	largePicture = 32 << 20
	maxDecoding  = 512 << 20
)

var decoding = semaphore.NewWeighted(maxDecoding)

// Reserve waits until there is memory to decode the picture in bytes beside those being decoded,
// and returns a function that releases it. A goroutine holds one reservation at a time.
func Reserve(b []byte) (release func()) {
	f, err := Open(b)
	if err != nil || f.memory < largePicture {
		return func() {}
	}
	n := min(int64(f.memory), maxDecoding)
	_ = decoding.Acquire(context.Background(), n) // the context is never cancelled
	return func() { decoding.Release(n) }
}
