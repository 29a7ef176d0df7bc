//go:build !amd64

package product

// packRows packs a few rows.
func (t Packing) packRows(vector, row int, src []float32, places []int, n int) {
	t.copyRows(vector, row, src, places, n)
}
