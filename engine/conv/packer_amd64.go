package conv

import "atelier/engine/simd"

var packers = map[simd.Path]*packer{
	simd.AVX512: {
		lanes: 16,
		rows: []rowsKernel{
			1: rows1AVX512, 2: rows2AVX512, 3: rows3AVX512, 4: rows4AVX512,
			5: rows5AVX512, 6: rows6AVX512, 7: rows7AVX512, 8: rows8AVX512,
			9: rows9AVX512, 10: rows10AVX512, 11: rows11AVX512, 12: rows12AVX512,
			13: rows13AVX512, 14: rows14AVX512, 15: rows15AVX512, 16: rows16AVX512,
		},
	},
	simd.AVX2: {
		lanes: 8,
		rows: []rowsKernel{
			1: rows1AVX2, 2: rows2AVX2, 3: rows3AVX2, 4: rows4AVX2,
			5: rows5AVX2, 6: rows6AVX2, 7: rows7AVX2, 8: rows8AVX2,
		},
	},
}

// gatherVectors packs groups of four elements of at most lanes vectors. The kernels are called by
// name: through variables, the offsets would escape to the heap.
func (k *packer) gatherVectors(n int, dst *float32, width int, src *float32, offsets *int, groups int) {
	if k.lanes == 16 {
		gatherAVX512(n, dst, width, src, offsets, groups)
		return
	}
	gatherAVX2(n, dst, width, src, offsets, groups)
}

func gatherAVX2(n int, dst *float32, width int, src *float32, offsets *int, groups int) {
	switch n {
	case 1:
		gather1AVX2(dst, width, src, offsets, groups)
	case 2:
		gather2AVX2(dst, width, src, offsets, groups)
	case 3:
		gather3AVX2(dst, width, src, offsets, groups)
	case 4:
		gather4AVX2(dst, width, src, offsets, groups)
	case 5:
		gather5AVX2(dst, width, src, offsets, groups)
	case 6:
		gather6AVX2(dst, width, src, offsets, groups)
	case 7:
		gather7AVX2(dst, width, src, offsets, groups)
	case 8:
		gather8AVX2(dst, width, src, offsets, groups)
	}
}

func gatherAVX512(n int, dst *float32, width int, src *float32, offsets *int, groups int) {
	switch n {
	case 1:
		gather1AVX512(dst, width, src, offsets, groups)
	case 2:
		gather2AVX512(dst, width, src, offsets, groups)
	case 3:
		gather3AVX512(dst, width, src, offsets, groups)
	case 4:
		gather4AVX512(dst, width, src, offsets, groups)
	case 5:
		gather5AVX512(dst, width, src, offsets, groups)
	case 6:
		gather6AVX512(dst, width, src, offsets, groups)
	case 7:
		gather7AVX512(dst, width, src, offsets, groups)
	case 8:
		gather8AVX512(dst, width, src, offsets, groups)
	case 9:
		gather9AVX512(dst, width, src, offsets, groups)
	case 10:
		gather10AVX512(dst, width, src, offsets, groups)
	case 11:
		gather11AVX512(dst, width, src, offsets, groups)
	case 12:
		gather12AVX512(dst, width, src, offsets, groups)
	case 13:
		gather13AVX512(dst, width, src, offsets, groups)
	case 14:
		gather14AVX512(dst, width, src, offsets, groups)
	case 15:
		gather15AVX512(dst, width, src, offsets, groups)
	case 16:
		gather16AVX512(dst, width, src, offsets, groups)
	}
}
