// Package chain computes chains of operations on float32, element by element, tile
// by tile: what stands between the operations never leaves the first cache. A chain
// may reduce along the rows and go on with the results (a softmax, a layer norm),
// and may end in sums over everything or over the rows.
//
// What an element gets depends on its operands alone. The order in which sums are
// taken is fixed by the program and its space, never by the number of threads, and
// that along a row by the length of the row alone.
package chain

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
)

// tileSize is how many values of a chain are worked on at once: some tiles fit the
// first cache.
const tileSize = 1024

// LongestRow is the length of the longest row that is kept whole.
const LongestRow = 4 * tileSize

// A Space is what a chain runs over: rows of values, in row-major order.
type Space struct {
	Rows, Cols int
	// Whole says that there are values for each row, or sums over the rows: a tile
	// holds whole rows, which have [LongestRow] values at most.
	Whole bool
}

// An Axis has Size steps that lie Stride values apart.
type Axis struct{ Size, Stride int }

// Axes are axes of a tensor as they lie in memory, outermost first.
type Axes []Axis

// And is the axes with a further one inside, as one axis with the last where both are
// evenly spaced together. An axis of size 1 is left out.
func (a Axes) And(next Axis) Axes {
	if next.Size == 1 {
		return a
	}
	if last := len(a) - 1; last >= 0 && a[last].Stride == next.Stride*next.Size {
		a[last] = Axis{Size: a[last].Size * next.Size, Stride: next.Stride}
		return a
	}
	return append(a, next)
}

// At is where step i of all axes together is.
func (a Axes) At(i int) int {
	at := 0
	for k := len(a) - 1; k > 0; k-- {
		at += i % a[k].Size * a[k].Stride
		i /= a[k].Size
	}
	if len(a) > 0 {
		at += i * a[0].Stride
	}
	return at
}

// A Layout is how an operand is read: the rows lie where the axes say, outermost
// first; along a row its values are neighbours or, if it is constant, one value.
type Layout struct {
	Offset   int
	Rows     Axes
	Constant bool // along a row
}

// start is where a row starts.
func (l *Layout) start(row int) int { return l.Offset + l.Rows.At(row) }

// dense reports whether a layout is that of a result.
func (l *Layout) dense(s Space) bool {
	step := s.Cols
	for i := len(l.Rows) - 1; i >= 0; i-- {
		if l.Rows[i].Size != 1 && l.Rows[i].Stride != step {
			return false
		}
		step *= l.Rows[i].Size
	}
	return !l.Constant || s.Cols == 1
}

// fixed reports whether all rows are read at one place.
func (l *Layout) fixed() bool {
	for _, a := range l.Rows {
		if a.Size > 1 && a.Stride != 0 {
			return false
		}
	}
	return true
}

// A Value is one of a program's values.
type Value int

// kind is what a value has one of.
type kind int

const (
	perElement kind = iota
	perRow
	perProgram // a constant, or read from memory that holds one value
)

// place is where a value is while a tile is worked on.
type place int

const (
	inTile    place = iota // a tile of the worker's
	inFixed                // a tile that is filled once
	inOperand              // the operand's own memory
	inResult               // the result's own memory
)

type value struct {
	kind    kind
	place   place
	index   int // of the tile, operand or result
	operand int // that it is read from, or -1
	number  float32
	made    int // the step that makes it; -1: none does
	lastUse int // the last step that reads it; -1: none does
}

// operand is memory that is read.
type operand struct {
	dtype  dtypes.DType
	layout Layout
	value  Value
	load   func(dst []float32, src []byte) // nil: it is float32
}

// result is memory that is written, value by value.
type result struct {
	value Value
	dtype dtypes.DType
	made  int // the step after which it is complete
}

// sum is a reduction over rows, or over everything.
type sum struct {
	value   Value
	op      compute.OpType
	overall bool
	add     simd.Binary
	row     func([]float32) float32
}

// A Program is a chain that is ready to run. It is safe for use by several goroutines.
type Program struct {
	space    Space
	kernels  *simd.Kernels
	values   []value
	operands []operand
	results  []result
	sums     []sum
	steps    []step
	tiles    int // that a worker needs
	fixed    []Value
	cut      cut
	free     free
}

// InPlace reports whether a result may be written over an operand, which nothing
// else reads: at any element, the operand is read before the result is written.
func (p *Program) InPlace(operand, result int) bool {
	if result >= len(p.results) {
		return false
	}
	o, r := p.operands[operand], p.results[result]
	v := p.values[o.value]
	if o.dtype != dtypes.Float32 || r.dtype != dtypes.Float32 || v.place != inOperand || v.kind != p.values[r.value].kind {
		return false
	}
	if v.kind == perElement && !o.layout.dense(p.space) || o.layout.Offset != 0 {
		return false
	}
	return v.lastUse <= r.made
}
