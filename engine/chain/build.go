package chain

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
)

// A Builder builds a program, value by value.
type Builder struct{ p *Program }

// New returns a builder of a program over a space. It panics if whole rows are required and the
// rows are too long.
func New(k *simd.Kernels, s Space) *Builder {
	if s.Rows < 0 || s.Cols < 0 || s.Whole && s.Cols > LongestRow {
		panic(fmt.Sprintf("chain: no space has %d rows of %d values", s.Rows, s.Cols))
	}
	return &Builder{&Program{space: s, kernels: k}}
}

func (b *Builder) add(v value) Value {
	v.lastUse, v.made = -1, -1
	b.p.values = append(b.p.values, v)
	return Value(len(b.p.values) - 1)
}

// step adds a step that produces a value.
func (b *Builder) step(s step, v value) Value {
	id := b.add(v)
	s.result = id
	b.p.values[id].made = len(b.p.steps)
	b.use(s)
	return id
}

// use adds a step.
func (b *Builder) use(s step) {
	for _, a := range s.args[:s.n] {
		b.p.values[a].lastUse = len(b.p.steps)
	}
	b.p.steps = append(b.p.steps, s)
}

// Constant is a number.
func (b *Builder) Constant(number float32) Value {
	v := b.add(value{kind: perProgram, place: inFixed, operand: -1, number: number})
	b.p.fixed = append(b.p.fixed, v)
	return v
}

// Operand reads the next tensor: float32, booleans as masks, and int32, float16 or bfloat16
// converted to float32.
func (b *Builder) Operand(dtype dtypes.DType, l Layout) Value {
	v, s := value{kind: perElement, place: inTile}, b.p.space
	switch fixed := l.fixed(); {
	case fixed && (l.Constant || s.Cols == 1):
		v.kind, v.place = perProgram, inFixed
	case fixed && s.Rows > 1 && s.rowsOfTile() > 1:
		v.place = inFixed // whole rows, all alike
	case dtype == dtypes.Float32 && !l.Constant && (s.rowsOfTile() == 1 || l.dense(s)):
		v.place = inOperand
	}
	return b.operand(dtype, l, v)
}

// RowOperand reads the next tensor, which has one value per row, contiguously.
func (b *Builder) RowOperand(dtype dtypes.DType) Value {
	v := value{kind: perRow, place: inTile}
	if dtype == dtypes.Float32 {
		v.place = inOperand
	}
	return b.operand(dtype, Layout{}, v)
}

func (b *Builder) operand(dtype dtypes.DType, l Layout, v value) (id Value) {
	load, ok := loads(b.p.kernels)[dtype]
	if !ok && dtype != dtypes.Float32 {
		panic(fmt.Sprintf("chain: no operand can be of %s", dtype))
	}
	v.operand, v.index = len(b.p.operands), len(b.p.operands)
	switch v.place {
	case inTile:
		id = b.step(step{kind: loading}, v)
	case inFixed:
		id = b.add(v)
		b.p.fixed = append(b.p.fixed, id)
	default:
		id = b.add(v)
	}
	b.p.operands = append(b.p.operands, operand{dtype: dtype, layout: l, value: id, load: load})
	return id
}

// Map applies one of the operations of [Maps] element by element.
func (b *Builder) Map(op compute.OpType, args ...Value) Value {
	s := step{kind: mapping, n: len(args)}
	s.choose(b.p.kernels, op)
	k := perProgram
	for _, a := range args {
		k = min(k, b.p.values[a].kind)
	}
	if k == perProgram {
		k = perElement // only constants: rare, but correct
	}
	for i, a := range args {
		if s.args[i] = a; k == perElement {
			s.args[i] = b.Spread(a)
		}
	}
	return b.step(s, value{kind: k, operand: -1})
}

// Spread repeats the value of each row along the row.
func (b *Builder) Spread(v Value) Value {
	if b.p.values[v].kind != perRow {
		return v
	}
	return b.step(step{kind: expanding, args: [3]Value{v}, n: 1}, value{operand: -1})
}

// Reduce is the sum, maximum or minimum of each row.
func (b *Builder) Reduce(op compute.OpType, v Value) Value {
	if !b.p.space.Whole {
		panic("chain: a reduction of rows that are not whole")
	}
	s := step{kind: reducing, args: [3]Value{b.Spread(v)}, n: 1, short: b.p.space.Cols <= shortRow, adds: op == compute.OpTypeReduceSum}
	s.row, s.f2 = reductionsOf(b.p.kernels, op)
	return b.step(s, value{kind: perRow, operand: -1})
}

// Store writes a value to the next result, as float32 or, if it is a mask, as
// booleans.
func (b *Builder) Store(v Value, dtype dtypes.DType) {
	s := step{kind: storing, args: [3]Value{v}, n: 1, at: len(b.p.results), bools: dtype == dtypes.Bool}
	b.p.results = append(b.p.results, result{value: v, dtype: dtype, made: len(b.p.steps)})
	x := &b.p.values[v]
	if dtype == dtypes.Float32 && x.made >= 0 && x.operand < 0 && x.place == inTile {
		x.place, x.index = inResult, s.at // it is produced in place
		b.p.results[s.at].made = x.made
		return
	}
	b.use(s)
}

// Sum writes the sum, maximum or minimum of a value over everything or over the rows, with one
// result per column, to the next result after the stored ones.
func (b *Builder) Sum(op compute.OpType, v Value, overall bool) {
	if !overall && !b.p.space.Whole {
		panic("chain: a sum over rows that are not whole")
	}
	if !overall {
		v = b.Spread(v)
	}
	row, add := reductionsOf(b.p.kernels, op)
	b.use(step{kind: summing, args: [3]Value{v}, n: 1, at: len(b.p.sums)})
	b.p.sums = append(b.p.sums, sum{v, op, overall, add, row})
}

// Program assigns a place to every value and returns the program.
func (b *Builder) Program() *Program {
	b.p.allocate()
	b.p.cut = b.p.space.cut(len(b.p.steps))
	return b.p
}

// allocate assigns tiles to the values that need one, and reuses them after their last use.
func (p *Program) allocate() {
	for _, v := range p.fixed {
		p.values[v].index = p.tiles
		p.tiles++
	}
	var unused []int
	release := func(i int) {
		for _, a := range p.steps[i].args[:p.steps[i].n] {
			if v := p.values[a]; v.place == inTile && v.lastUse == i {
				unused = append(unused, v.index)
				p.values[a].lastUse = -2 // once, even if the step reads it several times
			}
		}
	}
	for i, s := range p.steps {
		if s.kind == mapping {
			release(i) // a map may overwrite its operand
		}
		if v := &p.values[s.result]; s.makes() && v.place == inTile {
			if len(unused) == 0 {
				unused = append(unused, p.tiles)
				p.tiles++
			}
			v.index = unused[len(unused)-1]
			unused = unused[:len(unused)-1]
			if v.lastUse < 0 {
				unused = append(unused, v.index)
			}
		}
		if s.kind != mapping {
			release(i)
		}
	}
}
