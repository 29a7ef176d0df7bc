package product

import "atelier/engine/simd"

// kernels are those that this processor can run.
var kernels = func() map[simd.Path]*kernel {
	all := map[simd.Path]*kernel{
		simd.AVX512:   {rows: 12, cols: 32, rowStep: 1, tile: tileAVX512, lanes: 16, transpose: transposeAVX512, copy: copyAVX512},
		simd.AVX2:     {rows: 6, cols: 16, rowStep: 1, tile: tileAVX2, lanes: 8, transpose: transposeAVX2, copy: copyAVX2},
		simd.Portable: portable,
	}
	here := map[simd.Path]*kernel{}
	for _, path := range simd.Paths() {
		here[path] = all[path]
	}
	return here
}()

type (
	tile      = func(depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool)
	transpose = func(dst *float32, width int, src *float32, stride int, groups int)
	rowCopy   = func(dst *float32, width int, src *float32, stride int, rows int)
)

var tilesAVX512 = [...]tile{
	1: tile1AVX512, 2: tile2AVX512, 3: tile3AVX512, 4: tile4AVX512, 5: tile5AVX512, 6: tile6AVX512,
	7: tile7AVX512, 8: tile8AVX512, 9: tile9AVX512, 10: tile10AVX512, 11: tile11AVX512, 12: tile12AVX512,
}

var tilesAVX2 = [...]tile{1: tile1AVX2, 2: tile2AVX2, 3: tile3AVX2, 4: tile4AVX2, 5: tile5AVX2, 6: tile6AVX2}

var transposesAVX512 = [...]transpose{
	1: transpose1AVX512, 2: transpose2AVX512, 3: transpose3AVX512, 4: transpose4AVX512,
	5: transpose5AVX512, 6: transpose6AVX512, 7: transpose7AVX512, 8: transpose8AVX512,
	9: transpose9AVX512, 10: transpose10AVX512, 11: transpose11AVX512, 12: transpose12AVX512,
	13: transpose13AVX512, 14: transpose14AVX512, 15: transpose15AVX512, 16: transpose16AVX512,
}

var transposesAVX2 = [...]transpose{
	1: transpose1AVX2, 2: transpose2AVX2, 3: transpose3AVX2, 4: transpose4AVX2,
	5: transpose5AVX2, 6: transpose6AVX2, 7: transpose7AVX2, 8: transpose8AVX2,
}

var (
	copiesAVX512 = [...]rowCopy{1: copy1AVX512, 2: copy2AVX512}
	copiesAVX2   = [...]rowCopy{1: copy1AVX2, 2: copy2AVX2}
)

func tileAVX512(rows, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
	tilesAVX512[rows](depth, a, b, bStride, c, offsets, first)
}

func tileAVX2(rows, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
	tilesAVX2[rows](depth, a, b, bStride, c, offsets, first)
}

func transposeAVX512(n int, dst *float32, width int, src *float32, stride, groups int) {
	transposesAVX512[n](dst, width, src, stride, groups)
}

func transposeAVX2(n int, dst *float32, width int, src *float32, stride, groups int) {
	transposesAVX2[n](dst, width, src, stride, groups)
}

func copyAVX512(registers int, dst *float32, width int, src *float32, stride, rows int) {
	copiesAVX512[registers](dst, width, src, stride, rows)
}

func copyAVX2(registers int, dst *float32, width int, src *float32, stride, rows int) {
	copiesAVX2[registers](dst, width, src, stride, rows)
}
