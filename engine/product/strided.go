package product

import (
	"fmt"

	"atelier/engine/simd"
)

// Strided is an operand in memory: element p of vector v is at v*Vector + p*Depth. Neither stride
// is negative.
type Strided struct {
	Data          []float32
	Vector, Depth int
}

// best packs for every path: a copy is bitwise the same on each of them.
var best = kernelFor(simd.Best())

// Pack implements [Operand].
func (s Strided) Pack(dst []float32, width, v, n, first, depth int) {
	src := s.from(v, n, first, depth)
	switch {
	case s.Vector == 1:
		packRows(dst, width, src, s.Depth, n, depth)
	case s.Depth == 1:
		packColumns(dst, width, src, s.Vector, n, depth)
	default:
		packElements(dst, width, src, s.Vector, s.Depth, n, 0, depth)
	}
	if n < width {
		for p := range depth {
			clear(dst[p*width+n : (p+1)*width])
		}
	}
}

// PackPanels implements [PanelOperand].
func (s Strided) PackPanels(to Packing, v, n, first int) {
	panel := to.Width * to.Depth
	if s.Vector != 1 {
		for i := 0; i < n; i += to.Width {
			s.Pack(to.Data[i/to.Width*panel:][:panel], to.Width, v+i, to.Width, first, to.Depth)
		}
		return
	}
	src := s.from(v, n, first, to.Depth)
	var places [rowsAtOnce]int
	for row := 0; row < to.Depth; row += rowsAtOnce {
		count := min(rowsAtOnce, to.Depth-row)
		for p := range count {
			places[p] = (row + p) * s.Depth
		}
		to.PackRows(0, row, src, places[:count], n)
	}
}

// from is the memory from an element of a vector on, limited to what is packed.
func (s Strided) from(v, n, first, depth int) []float32 {
	at := v*s.Vector + first*s.Depth
	if s.Vector < 0 || s.Depth < 0 || at < 0 || depth < 1 || at+(n-1)*s.Vector+(depth-1)*s.Depth >= len(s.Data) {
		panic(fmt.Sprintf("product: vectors %d to %d, elements %d to %d with strides %d, %d in %d elements",
			v, v+n, first, first+depth, s.Vector, s.Depth, len(s.Data)))
	}
	return s.Data[at:]
}

// packRows packs adjacent vectors in whole registers, as far as there is room.
func packRows(dst []float32, width int, src []float32, stride, n, depth int) {
	done := 0
	if best.copy != nil && n <= 2*best.lanes && stride > 0 {
		registers := (n + best.lanes - 1) / best.lanes
		spareDst, spareSrc := len(dst)-registers*best.lanes, len(src)-registers*best.lanes
		if spareDst >= 0 && spareSrc >= 0 {
			done = min(depth, spareDst/width+1, spareSrc/stride+1)
			best.packRows(registers, dst, width, src, stride, done)
		}
	}
	for p := done; p < depth; p++ {
		copy(dst[p*width:p*width+n], src[p*stride:p*stride+n])
	}
}

// packColumns packs contiguous vectors.
func packColumns(dst []float32, width int, src []float32, stride, n, depth int) {
	done := 0
	if groups := depth / 4; groups > 0 && best.transpose != nil {
		for i := 0; i < n; i += best.lanes {
			best.packVectors(min(best.lanes, n-i), dst[i:], width, src[i*stride:], stride, groups)
		}
		done = 4 * groups
	}
	packElements(dst, width, src, stride, 1, n, done, depth)
}

// packElements packs one by one, from a depth on.
func packElements(dst []float32, width int, src []float32, vector, along, n, from, depth int) {
	for p := from; p < depth; p++ {
		row := dst[p*width : p*width+n]
		at := p * along
		for i := range row {
			row[i] = src[at]
			at += vector
		}
	}
}
