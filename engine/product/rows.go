package product

import (
	"fmt"
	"math"
)

// A Packing is memory for consecutive panels: Depth rows of Width vectors each.
type Packing struct {
	Data         []float32
	Width, Depth int
}

// Absent, as the place of a row, stands for zeros.
const Absent = math.MinInt

// rowsAtOnce is the number of rows packed for one panel before the next one: few enough that they
// stay in the L1 cache until all panels have their part of them.
const rowsAtOnce = 16

// longestRow is the largest number of elements of a row packed at once.
const longestRow = 1024

// nothings are zeros packed for absent rows.
var nothings [longestRow]float32

// PackRows packs vectors that are adjacent in memory, from a vector of the first panel and a row of
// all panels on: element row+p of vector+i becomes src[places[p]+i] for i < n, or 0 if the place is
// [Absent].
func (t Packing) PackRows(vector, row int, src []float32, places []int, n int) {
	last := vector + n - 1
	if t.Width < 1 || vector < 0 || vector >= t.Width || row < 0 || row+len(places) > t.Depth || n < 1 ||
		len(t.Data) < (last/t.Width*t.Depth+row+len(places)-1)*t.Width+last%t.Width+1 {
		panic(fmt.Sprintf("product: %d vectors from %d on, %d rows from %d on, into %d elements for panels of %d x %d",
			n, vector, len(places), row, len(t.Data), t.Depth, t.Width))
	}
	for _, at := range places {
		if at != Absent && (at < 0 || at+n > len(src)) {
			panic(fmt.Sprintf("product: %d elements at %d of %d", n, at, len(src)))
		}
	}
	for n > 0 {
		part := min(n, longestRow)
		if len(src) < part {
			src = nothings[:] // all rows are absent
		}
		for i := 0; i < len(places); i += rowsAtOnce {
			some := places[i:min(i+rowsAtOnce, len(places))]
			t.packRows(vector, row+i, src, some, part)
		}
		vector += part
		t.Data = t.Data[min(len(t.Data), vector/t.Width*t.Depth*t.Width):]
		vector %= t.Width
		src, n = src[part:], n-part
	}
}

// copyRows packs a few rows without a kernel.
func (t Packing) copyRows(vector, row int, src []float32, places []int, n int) {
	for i := 0; i < n; {
		column := (vector + i) % t.Width
		part := min(n-i, t.Width-column)
		for p, at := range places {
			to := t.Data[((vector+i)/t.Width*t.Depth+row+p)*t.Width+column:][:part]
			if at == Absent {
				clear(to)
			} else {
				copy(to, src[at+i:at+n])
			}
		}
		i += part
	}
}
