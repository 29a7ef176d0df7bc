package match

import "atelier/engine/simd"

//go:generate go run ./gen -dir .

// kernelsFor returns the kernels of a path. AVX-512 uses those of AVX2, too: rows of a patch are no
// longer than its registers.
func kernelsFor(path simd.Path) kernels {
	if path != simd.AVX512 && path != simd.AVX2 {
		return portable
	}
	return kernels{distances: distances, masked: masked, slide: slide, windows: windows}
}

// Bytes and columns per register.
const (
	chunk = 16
	lanes = 8
)

func distances(dst, at []int32, a []uint8, aStride int, b []uint8, bStride, width, rows int, limit int32) {
	if width < chunk {
		distancesGo(dst, at, a, aStride, b, bStride, width, rows, limit)
		return
	}
	distancesAVX2(&dst[0], &at[0], len(at), &a[0], aStride, &b[0], bStride, width, rows)
}

func masked(dst, at []int32, a, mask []uint8, aStride int, b []uint8, bStride, width, rows int) {
	if width < chunk {
		maskedGo(dst, at, a, mask, aStride, b, bStride, width, rows)
		return
	}
	maskedAVX2(&dst[0], &at[0], len(at), &a[0], &mask[0], aStride, &b[0], bStride, width, rows)
}

func slide(columns, last []int32, a, b []uint8) {
	n := len(columns) - len(columns)%lanes
	if n > 0 {
		slideAVX2(&columns[0], &last[0], &a[0], &b[0], n)
	}
	slideGo(columns[n:], last[n:], a[4*n:], b[4*n:])
}

func windows(dst, columns []int32, add int32) {
	wide := len(columns) - len(dst) + 1
	n := len(dst) - len(dst)%lanes
	if n > 0 {
		windowsAVX2(&dst[0], &columns[0], n, wide, add)
	}
	if n < len(dst) {
		windowsGo(dst[n:], columns[n:], add)
	}
}
