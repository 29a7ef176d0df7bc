package product

import "unsafe"

// packRows packs a few rows: a part of the first panel, whole panels, and a part of the last one.
func (t Packing) packRows(vector, row int, src []float32, places []int, n int) {
	if best.lanes == 0 {
		t.copyRows(vector, row, src, places, n)
		return
	}
	var offsets [rowsAtOnce]int
	for p, at := range places {
		if at == Absent {
			// The distance to static memory that holds zeros.
			at = (int(uintptr(unsafe.Pointer(&nothings))) - int(uintptr(unsafe.Pointer(unsafe.SliceData(src))))) / 4
		}
		offsets[p] = at
	}
	if vector > 0 {
		first := min(n, t.Width-vector)
		t.packColumns(row*t.Width+vector, src, offsets[:len(places)], first, 1)
		t.Data = t.Data[min(len(t.Data), t.Depth*t.Width):]
		src, n = src[first:], n-first
	}
	whole := n / t.Width
	if whole > 0 {
		t.packColumns(row*t.Width, src, offsets[:len(places)], t.Width, whole)
	}
	if rest := n % t.Width; rest > 0 {
		t.packColumns(whole*t.Depth*t.Width+row*t.Width, src[whole*t.Width:], offsets[:len(places)], rest, 1)
	}
}

// packColumns packs n columns of each of some panels, using the function for the largest number of
// registers first.
func (t Packing) packColumns(at int, src []float32, offsets []int, n, panels int) {
	panel := t.Depth * t.Width
	_ = t.Data[at+(panels-1)*panel+(len(offsets)-1)*t.Width+n-1]
	for i := 0; i < n; {
		part := 2 * best.lanes
		if part > n-i {
			part = min(best.lanes, n-i)
		}
		if best.lanes == 16 {
			rowsAVX512(part, &t.Data[at+i], t.Width, panel, &src[i], t.Width, &offsets[0], len(offsets), panels)
		} else {
			rowsAVX2(part, &t.Data[at+i], t.Width, panel, &src[i], t.Width, &offsets[0], len(offsets), panels)
		}
		i += part
	}
}
