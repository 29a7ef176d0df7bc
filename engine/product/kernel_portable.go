package product

import "unsafe"

// Each product is rounded before it is added, on every processor: the conversion
// keeps the compiler from fusing them.
var portable = &kernel{rows: 2, cols: 4, rowStep: 2, tile: tilePortable}

func tilePortable(rows, depth int, a, b *float32, bStride int, c *float32, offsets *int, first bool) {
	var (
		as  = unsafe.Slice(a, 2*depth)
		bs  = unsafe.Slice(b, (depth-1)*bStride+4)
		sum [2][4]float32

		s00, s01, s02, s03 float32
		s10, s11, s12, s13 float32
	)
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
	sum[0] = [4]float32{s00, s01, s02, s03}
	sum[1] = [4]float32{s10, s11, s12, s13}
	for i, offset := range unsafe.Slice(offsets, rows) {
		row := (*[4]float32)(unsafe.Add(unsafe.Pointer(c), 4*offset))
		for j, s := range sum[i] {
			if first {
				row[j] = s
			} else {
				row[j] += s
			}
		}
	}
}
