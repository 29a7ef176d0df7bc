package product

import (
	"fmt"
	"unsafe"
)

// An InPlaceOperand has vectors that are contiguous in memory for a while, the same
// for all of them. As the operand A it is not packed but read where it is, on paths
// that can.
type InPlaceOperand interface {
	Operand

	// Memory is what places are in.
	Memory() []float32

	// Lengths appends the lengths of the runs that are contiguous of elements first
	// to first+depth, none of them longer than [BlockDepth].
	Lengths(lengths []int, first, depth int) []int

	// Places appends where runs start in memory, or [Absent] for zeros: for each
	// group of n vectors from v on, of which the last may be smaller, for each run,
	// for each vector.
	Places(places []int, v, n, group, first, depth int) []int
}

// A left is what a task multiplies from the left: rows of A over a block of depth,
// either packed or in place.
type left struct {
	packed          []float32
	memory          []float32
	lengths, places []int
}

// after leaves out whole panels.
func (l left) after(rows, width, depth int) left {
	if l.lengths == nil {
		l.packed = l.packed[width*depth:]
	} else {
		l.places = l.places[rows*len(l.lengths):]
	}
	return l
}

// inPlace finds the rows of a part, in tiles from its first row on. It checks that
// they are in memory.
func (c *chunk) inPlace(w *space, o InPlaceOperand, t part, d block) left {
	l := left{memory: o.Memory(), lengths: o.Lengths(w.lengths[:0], d.first, d.depth)}
	l.places = o.Places(w.places[:0], t.row, t.rows, c.rowsEach, d.first, d.depth)
	w.lengths, w.places = l.lengths, l.places
	sum := 0
	for _, n := range l.lengths {
		if n < 1 || n > BlockDepth {
			panic(fmt.Sprintf("product: a run of %d elements", n))
		}
		sum += n
	}
	if sum != d.depth || len(l.places) != t.rows*len(l.lengths) {
		panic(fmt.Sprintf("product: %d elements in runs for a depth of %d, %d places for %d runs of %d rows",
			sum, d.depth, len(l.places), len(l.lengths), t.rows))
	}
	l.locate(t.rows, c.rowsEach)
	return l
}

// locate checks that all runs are in memory, and finds zeros for those that are
// absent.
func (l left) locate(rows, each int) {
	// The distance to memory that stays where it is and holds zeros.
	zeros := (int(uintptr(unsafe.Pointer(&nothings))) - int(uintptr(unsafe.Pointer(unsafe.SliceData(l.memory))))) / 4
	places := l.places
	for i := 0; i < rows; i += each {
		n := min(each, rows-i)
		for _, length := range l.lengths {
			for r, at := range places[:n] {
				if at == Absent {
					places[r] = zeros
				} else if at < 0 || at+length > len(l.memory) {
					panic(fmt.Sprintf("product: %d elements at %d of %d", length, at, len(l.memory)))
				}
			}
			places = places[n:]
		}
	}
}

// multiply calls the kernel after it has checked the lengths.
func (l left) multiply(k *kernel, rows, cols, depth int, b []float32, bStride int, c []float32, offsets []int, first bool) {
	if l.lengths == nil {
		k.multiply(rows, cols, depth, l.packed, b, bStride, c, offsets, first)
		return
	}
	panels := len(offsets) / max(rows, 1)
	if rows < 1 || rows > k.rows || cols != k.cols && cols != k.colStep || panels < 1 || panels*rows != len(offsets) ||
		len(l.places) < len(l.lengths)*len(offsets) || bStride != cols || len(b) < depth*cols {
		panic(fmt.Sprintf("product: %d rows in place in tiles of %d x %d over a depth of %d from %d elements",
			len(offsets), rows, cols, depth, len(b)))
	}
	checkOffsets(offsets, cols, len(c))
	k.inPlace(rows, cols, panels, len(l.lengths), &l.lengths[0], unsafe.SliceData(l.memory), &l.places[0], &b[0], &c[0], &offsets[0], first)
}

// contiguous is a Strided operand whose vectors are contiguous.
type contiguous struct{ Strided }

// Memory implements [InPlaceOperand].
func (c contiguous) Memory() []float32 { return c.Data }

// Lengths implements [InPlaceOperand].
func (c contiguous) Lengths(lengths []int, _, depth int) []int { return append(lengths, depth) }

// Places implements [InPlaceOperand].
func (c contiguous) Places(places []int, v, n, _, first, _ int) []int {
	for i := v; i < v+n; i++ {
		places = append(places, i*c.Vector+first)
	}
	return places
}

// readInPlace returns A if its vectors are to be read in place, otherwise nil: if
// they are not used but once.
func (e *Engine) readInPlace(p *Product) InPlaceOperand {
	if e.kernel.inPlace == nil || p.M <= e.kernel.rows {
		return nil
	}
	switch a := p.A.(type) {
	case InPlaceOperand:
		return a
	case Strided:
		if a.Depth == 1 && a.Vector >= 0 {
			return contiguous{a}
		}
	}
	return nil
}
