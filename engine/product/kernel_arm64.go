package product

import "atelier/engine/simd"

// kernels are those supported by this processor.
var kernels = map[simd.Path]*kernel{
	simd.NEON:     {rows: 8, cols: 8, rowStep: 8, colStep: 8, tile: tileNEON},
	simd.Portable: portable,
}

func tileNEON(rows, _, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
	tile8x8NEON(rows, panels, depth, a, b, bStride, c, offsets, first)
}

// tile8x8NEON computes tiles of C, one below the other, of at most 8 rows from
// panels of 8; rows, panels and depth are at least 1.
//
//go:noescape
func tile8x8NEON(rows, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)
