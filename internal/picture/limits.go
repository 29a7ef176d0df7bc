package picture

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

// MaxPixels is the size of the largest picture that is decoded.
const MaxPixels = 64 << 20

// What decoding may cost. How well a picture is packed plays no part: drawings and
// screenshots of millions of pixels take a few kilobytes. A picture that takes more
// memory than most, such as a large progressive JPEG, must be a large file too.
const (
	maxMemory     = 320 << 20 // bytes
	memoryPerByte = 128       // of the file, for what takes more
)

// The most bytes that one byte of a file can unpack to: deflate repeats 258 bytes for
// two bits, LZW 4096 for twelve, and PackBits 128 for sixteen.
const (
	deflateRatio  = 1032
	lzwRatio      = 2731
	packBitsRatio = 64
)

// setSize notes the size, and refuses pictures without pixels and those with too many.
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

// affordable refuses a file that is too short for what it claims, and one that takes too
// much memory.
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

// Pictures from largePicture bytes of memory on wait for each other, so that all that are
// at work take no more than maxDecoding.
const (
	largePicture = 32 << 20
	maxDecoding  = 512 << 20
)

var decoding = semaphore.NewWeighted(maxDecoding)

// Reserve waits until there is memory to decode the picture that bytes are beside those
// that are at work, and returns what gives it back. A goroutine reserves one at a time.
func Reserve(b []byte) (release func()) {
	f, err := Open(b)
	if err != nil || f.memory < largePicture {
		return func() {}
	}
	n := min(int64(f.memory), maxDecoding)
	_ = decoding.Acquire(context.Background(), n) // it never ends before
	return func() { decoding.Release(n) }
}
