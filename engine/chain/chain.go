// Package chain runs fused chains of element-wise operations on float32, tile by tile, so that
// intermediate values never leave the L1 cache. A chain may reduce along the rows and go on with
// the results (a softmax, a layer norm), and may end in sums over everything or over the rows.
//
// The value of an element depends only on its operands. The summation order is fixed by the program
// and its space, never by the number of threads; along a row, by the length of the row alone.
package chain

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
)

// tileSize is the number of values processed at once: a few tiles fit into the L1 cache.
const tileSize = 1024

// LongestRow is the length of the longest row that is kept whole.
const LongestRow = 4 * tileSize

// A Space is what a chain runs over: rows of values, in row-major order.
type Space struct {
	Rows, Cols int
	// Whole is set if there are values per row, or sums over the rows: a tile then holds whole
	// rows, of at most [LongestRow] values.
	Whole bool
}

// An Axis has Size steps, Stride values apart.
type Axis struct{ Size, Stride int }

// Axes are axes of a tensor in memory, outermost first.
type Axes []Axis

// And adds an inner axis, merged with the last one where both are evenly spaced together. An axis
// of size 1 is left out.
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

// At is the offset of step i, counted over all axes.
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

// A Layout says how an operand is read: the axes give the start of each row, outermost first; along
// a row the values are contiguous or, if it is constant, one repeated value.
type Layout struct {
	Offset   int
	Rows     Axes
	Constant bool // along a row
}

// start is the offset of a row.
func (l *Layout) start(row int) int { return l.Offset + l.Rows.At(row) }

// dense reports whether the layout is that of a result.
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

// fixed reports whether all rows are read from the same place.
func (l *Layout) fixed() bool {
	for _, a := range l.Rows {
		if a.Size > 1 && a.Stride != 0 {
			return false
		}
	}
	return true
}

// A Value is a value of the program.
type Value int

// kind is the granularity of a value.
type kind int

const (
	perElement kind = iota
	perRow
	perProgram // a constant, or read from memory with a single value
)

// place says where a value is kept while a tile is processed.
type place int

const (
	inTile    place = iota // a tile of the worker
	inFixed                // a tile that is filled once
	inOperand              // the operand's own memory
	inResult               // the result's own memory
)

type value struct {
	kind    kind
	place   place
	index   int // of the tile, operand or result
	operand int // the operand it is read from, or -1
	number  float32
	made    int // the step that produces it; -1: none
	lastUse int // the last step that reads it; -1: none
}

// the last step that reads it; -1: none
type operand struct {
	dtype  dtypes.DType
	layout Layout
	value  Value
	load   func(dst []float32, src []byte) // nil for float32
}

// result is memory that is written.
type result struct {
	value Value
	dtype dtypes.DType
	made  int // the step that completes it
}

// sum is a reduction over rows, or over everything.
type sum struct {
	value   Value
	op      compute.OpType
	overall bool
	add     simd.Binary
	row     func([]float32) float32
}

// A Program is a compiled chain. It is safe for concurrent use.
type Program struct {
	space    Space
	kernels  *simd.Kernels
	values   []value
	operands []operand
	results  []result
	sums     []sum
	steps    []step
	tiles    int // needed by each worker
	fixed    []Value
	cut      cut
	free     free
}

// InPlace reports whether a result may overwrite an operand that nothing else reads: each element
// is read before the result is written.
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
