package product

import (
	"fmt"
	"unsafe"
)

// An InPlaceOperand has vectors with contiguous runs in memory, at the same positions for all of
// them. As operand A it is read in place instead of packed, on paths that support it.
type InPlaceOperand interface {
	Operand

	// Memory is the memory that places refer to.
	Memory() []float32

	// Lengths appends the lengths of the contiguous runs of elements first to first+depth, none
	// longer than [BlockDepth].
	Lengths(lengths []int, first, depth int) []int

	// Places appends the offsets of runs in memory, or [Absent] for zeros: for each group of n
	// vectors from v on, the last possibly smaller, for each run, for each vector.
	Places(places []int, v, n, group, first, depth int) []int
}

// A left is the left operand of a task: rows of A over a block of depth, either packed or in place.
type left struct {
	packed          []float32
	memory          []float32
	lengths, places []int
}

// after drops whole panels.
func (l left) after(rows, width, depth int) left {
	if l.lengths == nil {
		l.packed = l.packed[width*depth:]
	} else {
		l.places = l.places[rows*len(l.lengths):]
	}
	return l
}

// inPlace locates the rows of a part, in tiles from its first row on, and checks that they are in
// memory.
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

// locate checks that all runs are in memory, and substitutes zeros for absent ones.
func (l left) locate(rows, each int) {
	// The distance to static memory that holds zeros.
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

// multiply calls the kernel after checking the lengths.
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

// readInPlace returns A if its vectors are to be read in place, which is if they are used only
// once, and nil otherwise.
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
