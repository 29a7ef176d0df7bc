package match

// portable are the kernels in plain Go.
var portable = kernels{distances: distancesGo, masked: maskedGo, slide: slideGo, windows: windowsGo}

func distancesGo(dst, at []int32, a []uint8, aStride int, b []uint8, bStride, width, rows int, limit int32) {
	for i, from := range at {
		sum, p, q := int32(0), 0, int(from)
		for range rows {
			ra := a[p : p+width]
			rb := b[q : q+width][:len(ra)]
			for j, v := range ra {
				d := int32(v) - int32(rb[j])
				sum += d * d
			}
			if sum > limit {
				break
			}
			p += aStride
			q += bStride
		}
		dst[i] = sum
	}
}

func maskedGo(dst, at []int32, a, mask []uint8, aStride int, b []uint8, bStride, width, rows int) {
	for i, from := range at {
		sum, p, q := int32(0), 0, int(from)
		for range rows {
			ra := a[p : p+width]
			rb, known := b[q : q+width][:len(ra)], mask[p : p+width][:len(ra)]
			for j, v := range ra {
				d := int32(v) - int32(rb[j])
				sum += d * d & int32(int8(known[j]))
			}
			p += aStride
			q += bStride
		}
		dst[i] = sum
	}
}

func slideGo(columns, last []int32, a, b []uint8) {
	for i := range columns {
		p, q := a[4*i:4*i+4:4*i+4], b[4*i:4*i+4:4*i+4]
		d0, d1 := int32(p[0])-int32(q[0]), int32(p[1])-int32(q[1])
		d2, d3 := int32(p[2])-int32(q[2]), int32(p[3])-int32(q[3])
		e := d0*d0 + d1*d1 + d2*d2 + d3*d3
		columns[i] += e - last[i]
		last[i] = e
	}
}

func windowsGo(dst, columns []int32, add int32) {
	wide := len(columns) - len(dst) + 1
	sum := add
	for _, v := range columns[:wide-1] {
		sum += v
	}
	for i := range dst {
		sum += columns[i+wide-1]
		dst[i] = sum
		sum -= columns[i]
	}
}
