package product

import "unsafe"

// Each product is rounded before it is added, on every processor: the conversion prevents a fused
// multiply-add.
var portable = &kernel{rows: 2, cols: 4, rowStep: 2, colStep: 4, tile: tilesPortable}

func tilesPortable(rows, _, panels, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
	as := unsafe.Slice(a, 2*depth*panels)
	bs := unsafe.Slice(b, (depth-1)*bStride+4)
	at := unsafe.Slice(offsets, rows*panels)
	for i := range panels {
		sums := tilePortable(as[2*depth*i:2*depth*(i+1)], bs, bStride)
		for r, offset := range at[rows*i : rows*(i+1)] {
			row := (*[4]float32)(unsafe.Add(unsafe.Pointer(c), 4*offset))
			if first {
				*row = sums[r]
				continue
			}
			for j, s := range sums[r] {
				row[j] += s
			}
		}
	}
}

func tilePortable(as, bs []float32, bStride int) [2][4]float32 {
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	for p, at := 0, 0; p+1 < len(as); p, at = p+2, at+bStride {
		b := bs[at : at+4 : at+4]
		a0, a1 := as[p], as[p+1]
		s00 += float32(a0 * b[0])
		s01 += float32(a0 * b[1])
		s02 += float32(a0 * b[2])
		s03 += float32(a0 * b[3])
		s10 += float32(a1 * b[0])
		s11 += float32(a1 * b[1])
		s12 += float32(a1 * b[2])
		s13 += float32(a1 * b[3])
	}
	return [2][4]float32{{s00, s01, s02, s03}, {s10, s11, s12, s13}}
}
