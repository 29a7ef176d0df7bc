// Package patch synthesizes pictures from the patches of one picture, without any training: similar
// pictures, other sizes, seamless tiles, filled holes.
//
// Pictures are 8-bit and their patches are compared in integers, so that the same request gives the
// same pixels on every processor and any number of threads.
package patch

import (
	"context"
	"image"

	"atelier/internal/noise"
)

// A Matcher measures distances of patches, on several threads. Its results are exact. The engine
// implements it.
type Matcher interface {
	// Run runs every task in [0, tasks) once, in any order and on several threads, and returns when
	// all are done.
	Run(tasks int, work func(worker, task int))
	// Distances computes the squared distances of a block at the start of a, of rows rows of width
	// bytes, from the blocks of b that start at at. A distance above the limit may be any number
	// above it.
	Distances(dst, at []int32, a []uint8, aStride int, b []uint8, bStride, width, rows int, limit int32)
	// Masked is the same over the bytes where the mask, laid out as a, is 255 and not 0.
	Masked(dst, at []int32, a, mask []uint8, aStride int, b []uint8, bStride, width, rows int)
	// Slide adds the squared differences of two rows of four-byte pixels to columns, subtracts
	// last, and stores them in last.
	Slide(columns, last []int32, a, b []uint8)
	// Windows computes sliding window sums of columns, plus add; the width of the window is the
	// difference of the lengths plus one.
	Windows(dst, columns []int32, add int32)
}

// side is the side of a patch, in pixels.
const side = 7

// pixels is the number of pixels of a patch.
const pixels = side * side

// A picture is 8-bit and interleaved.
type picture struct {
	w, h, c int
	pix     []uint8
}

func newPicture(w, h, c int) *picture { return &picture{w, h, c, make([]uint8, w*h*c)} }

func (p *picture) stride() int { return p.w * p.c }

func (p *picture) clone() *picture {
	out := newPicture(p.w, p.h, p.c)
	copy(out.pix, p.pix)
	return out
}

// places is the grid of upper left corners of patches.
func (p *picture) places() (w, h int) { return p.w - side + 1, p.h - side + 1 }

// premultiplied converts a picture to four channels with premultiplied alpha, so that invisible
// colours make no difference.
func premultiplied(img *image.NRGBA) *picture {
	size := img.Bounds().Size()
	out := newPicture(size.X, size.Y, 4)
	for y := range size.Y {
		row := img.Pix[y*img.Stride:][:4*size.X]
		to := out.pix[y*out.stride():][:4*size.X]
		for i := 0; i < len(row); i += 4 {
			a := uint32(row[i+3])
			for c := range 3 {
				to[i+c] = uint8((uint32(row[i+c])*a + 127) / 255)
			}
			to[i+3] = row[i+3]
		}
	}
	return out
}

// image is the inverse of premultiplied.
func (p *picture) image() *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, p.w, p.h))
	for i := 0; i < len(p.pix); i += 4 {
		a := uint32(p.pix[i+3])
		for c := range 3 {
			if a > 0 {
				out.Pix[i+c] = uint8(min((uint32(p.pix[i+c])*255+a/2)/a, 255))
			}
		}
		out.Pix[i+3] = uint8(a)
	}
	return out
}

// opaque reports whether the alpha channel is at its maximum everywhere.
func (p *picture) opaque() bool {
	for i := 3; i < len(p.pix); i += p.c {
		if p.pix[i] != 255 {
			return false
		}
	}
	return true
}

// blocks divides [0, n) into blocks of a size, whatever the number of threads, and runs them
// concurrently. It stops between blocks when ctx is done.
func blocks(ctx context.Context, m Matcher, n, size int, work func(from, to int)) error {
	m.Run((n+size-1)/size, func(_, task int) {
		if ctx.Err() == nil {
			work(task*size, min((task+1)*size, n))
		}
	})
	return ctx.Err()
}

// checked is the number of pixels after which a loop checks whether to stop.
const checked = 1 << 16

// rows is the number of rows of n pixels that make a task.
func rows(w int) int { return max(1, 1<<13/w) }

// key hashes numbers into one.
func key(seed uint64, more ...uint64) uint64 {
	for _, m := range more {
		seed = noise.Bits(seed ^ noise.Bits(m))
	}
	return seed
}

// below maps 32 random bits to [0, n).
func below(bits uint64, n int) int { return int(bits & (1<<32 - 1) * uint64(n) >> 32) }
