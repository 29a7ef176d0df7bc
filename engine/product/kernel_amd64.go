package product

import "atelier/engine/simd"

// Assembly functions of fixed size.
type (
	tile      = func(panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)
	inPlace   = func(panels, runs int, lengths *int, a *float32, places *int, b, c *float32, offsets *int, first bool)
	transpose = func(dst *float32, width int, src *float32, stride int, groups int)
	rowCopy   = func(dst *float32, width int, src *float32, stride int, rows int)
)

// kernels are those supported by this processor.
var kernels = func() map[simd.Path]*kernel {
	all := map[simd.Path]*kernel{
		simd.AVX512: {
			rows: 12, cols: 32, rowStep: 1, colStep: 16, wide: 128, lanes: 16,
			tile: func(rows, cols, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
				tilesAVX512[cols/16][rows](panels, depth, a, b, bStride, c, offsets, first)
			},
			transpose: func(n int, dst *float32, width int, src *float32, stride, groups int) {
				transposesAVX512[n](dst, width, src, stride, groups)
			},
			copy: func(registers int, dst *float32, width int, src *float32, stride, rows int) {
				copiesAVX512[registers](dst, width, src, stride, rows)
			},
		},
		simd.AVX2: {
			rows: 6, cols: 16, rowStep: 1, colStep: 8, wide: 64, lanes: 8,
			tile: func(rows, cols, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
				tilesAVX2[cols/8][rows](panels, depth, a, b, bStride, c, offsets, first)
			},
			inPlace: func(rows, cols, panels, runs int, lengths *int, a *float32, places *int, b, c *float32, offsets *int, first bool) {
				inPlaceAVX2[cols/8][rows](panels, runs, lengths, a, places, b, c, offsets, first)
			},
			transpose: func(n int, dst *float32, width int, src *float32, stride, groups int) {
				transposesAVX2[n](dst, width, src, stride, groups)
			},
			copy: func(registers int, dst *float32, width int, src *float32, stride, rows int) {
				copiesAVX2[registers](dst, width, src, stride, rows)
			},
		},
		simd.Portable: portable,
	}
	here := map[simd.Path]*kernel{}
	for _, path := range simd.Paths() {
		here[path] = all[path]
	}
	return here
}()
