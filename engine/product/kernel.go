package product

import (
	"fmt"
	"unsafe"

	"atelier/engine/simd"
)

// A kernel holds the functions of a path for multiplying and packing.
type kernel struct {
	rows, cols int // of the largest tile
	rowStep    int // the width of a panel of A is a multiple of it
	colStep    int // the same for a panel of B
	wide       int // columns of a single-row tile, used only if B is not packed; 0: there is none

	// tile computes tiles of C, one below the other, over a depth of at least 1: the product of
	// panels of A, each of the given number of rows, and of a panel of B or, with a bStride of more
	// than cols, a part of B itself. The rows of C start at the offsets. The products are added to
	// C, unless they are the first.
	tile func(rows, cols, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)

	// inPlace is tile for vectors of A that are read in place, at places along runs of the given
	// lengths, and packed B. Nil: there is none.
	inPlace func(rows, cols, panels, runs int, lengths *int, a *float32, places *int, b, c *float32, offsets *int, first bool)

	// transpose packs n contiguous vectors, at most lanes, as [Strided.Pack] does,
	// over groups of 4 elements. Nil: there is none.
	transpose func(n int, dst *float32, width int, src *float32, stride, groups int)

	// copy packs rows of one or two registers' width, and writes as much to dst. Nil: there is
	// none.
	copy func(registers int, dst *float32, width int, src *float32, stride, rows int)

	lanes int // elements per register
}

// kernelFor returns the kernel of a path. It panics if this processor does not support it.
func kernelFor(path simd.Path) *kernel {
	k, ok := kernels[path]
	if !ok {
		panic("product: this processor cannot run the path " + string(path))
	}
	return k
}

// panel is the width of a panel of A with the given number of rows.
func (k *kernel) panel(rows int) int { return (rows + k.rowStep - 1) / k.rowStep * k.rowStep }

// multiply calls tile after checking the lengths. The offsets are those of panels of equal numbers
// of rows.
func (k *kernel) multiply(rows, cols, depth int, a, b []float32, bStride int, c []float32, offsets []int, first bool) {
	panels := len(offsets) / max(rows, 1)
	if rows < 1 || rows > k.rows || cols != k.cols && cols != k.colStep && (cols != k.wide || rows > 1) || panels < 1 || panels*rows != len(offsets) ||
		depth < 1 || bStride < 0 || len(a) < panels*depth*k.panel(rows) || len(b) < (depth-1)*bStride+cols {
		panic(fmt.Sprintf("product: %d rows in tiles of %d x %d over a depth of %d from panels of %d and %d elements",
			len(offsets), rows, cols, depth, len(a), len(b)))
	}
	checkOffsets(offsets, cols, len(c))
	k.tile(rows, cols, panels, depth, unsafe.SliceData(a), unsafe.SliceData(b), bStride, unsafe.SliceData(c), unsafe.SliceData(offsets), first)
}

// checkOffsets panics if rows of C are not within its n elements.
func checkOffsets(offsets []int, cols, n int) {
	for _, at := range offsets {
		if at < 0 || at+cols > n {
			panic(fmt.Sprintf("product: %d columns at %d in a result of %d elements", cols, at, n))
		}
	}
}

// packVectors packs groups of 4 elements of n contiguous vectors after checking the lengths.
func (k *kernel) packVectors(n int, dst []float32, width int, src []float32, stride, groups int) {
	if n < 1 || n > k.lanes || width < n || stride < 0 || groups < 1 || len(dst) < (4*groups-1)*width+n || len(src) < (n-1)*stride+4*groups {
		panic(fmt.Sprintf("product: %d groups of %d vectors from %d into %d elements", groups, n, len(src), len(dst)))
	}
	k.transpose(n, unsafe.SliceData(dst), width, unsafe.SliceData(src), stride, groups)
}

// packRows copies rows of a few registers' width after checking the lengths.
func (k *kernel) packRows(registers int, dst []float32, width int, src []float32, stride, rows int) {
	n := registers * k.lanes
	if registers < 1 || registers > 2 || width < 0 || stride < 0 || rows < 1 || len(dst) < (rows-1)*width+n || len(src) < (rows-1)*stride+n {
		panic(fmt.Sprintf("product: %d rows of %d elements from %d into %d", rows, n, len(src), len(dst)))
	}
	k.copy(registers, unsafe.SliceData(dst), width, unsafe.SliceData(src), stride, rows)
}
