package ir

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/chain"
	"atelier/engine/simd"
	"atelier/engine/tensor"
)

// A Chain is a compiled unit: Program reads Reads and writes Makes, each the dense memory of a
// value.
type Chain struct {
	Program *chain.Program
	Reads   []Value
	Makes   []Value
	Ops     []compute.OpType // its operations
}

// Prune removes the nodes of a unit that no wanted value depends on.
func (u *Unit) Prune(wanted func(Value) bool) {
	needed := map[*Node]bool{}
	for _, n := range slices.Backward(u.Nodes) {
		for i := range n.Outputs {
			needed[n] = needed[n] || wanted(Value{Node: n, Index: i})
		}
		if !needed[n] {
			continue
		}
		for _, in := range n.Inputs {
			needed[Root(in).Node] = true
		}
	}
	u.Nodes = slices.DeleteFunc(u.Nodes, func(n *Node) bool { return !needed[n] })
}

// Chain compiles a unit of chained nodes to a program that writes the wanted values.
func (u *Unit) Chain(k *simd.Kernels, wanted func(Value) bool) Chain {
	m := newMembers(u.Dims)
	m.split = u.Split
	for _, n := range u.Nodes {
		if !m.add(n) {
			panic("ir: " + n.Op.String() + " does not fit into its chain")
		}
	}
	w := writer{members: m, space: m.space(), values: map[Value]chain.Value{}, operands: map[operandKey]chain.Value{}}
	w.b = chain.New(k, w.space)
	for _, n := range u.Nodes {
		if r := m.roles[n]; r != colReduce && r != allReduce {
			w.write(n)
		}
		w.out.Ops = append(w.out.Ops, n.Op)
	}
	for _, n := range u.Nodes {
		if r := m.roles[n]; r != colReduce && r != allReduce && wanted(Value{Node: n}) {
			w.b.Store(w.values[Value{Node: n}], n.Outputs[0].DType)
			w.out.Makes = append(w.out.Makes, Value{Node: n})
		}
	}
	for _, n := range u.Nodes {
		if r := m.roles[n]; r == colReduce || r == allReduce {
			w.b.Sum(n.Op, w.argument(n, 0), r == allReduce)
			w.out.Makes = append(w.out.Makes, Value{Node: n})
		}
	}
	w.out.Program = w.b.Program()
	return w.out
}

// space is the space of the chain. Rows are as long as all operands allow.
func (m *members) space() chain.Space {
	if m.split >= 0 {
		return chain.Space{Rows: size(m.dims[:m.split]), Cols: size(m.dims[m.split:]), Whole: true}
	}
	cols := size(m.dims)
	for _, n := range m.nodes {
		for _, in := range n.Inputs {
			r, _ := m.read(in, false)
			if length, _ := r.View.Run(); !r.Inner {
				cols = min(cols, length)
			}
		}
	}
	return chain.Space{Rows: size(m.dims) / max(cols, 1), Cols: cols}
}

// A writer builds a program.
type writer struct {
	*members
	b        *chain.Builder
	space    chain.Space
	values   map[Value]chain.Value // the chain's own
	operands map[operandKey]chain.Value
	out      Chain
}

type operandKey struct {
	v    Value
	rows bool
}

func (w *writer) argument(n *Node, i int) chain.Value {
	in := n.Inputs[i]
	byRow := w.byRow(w.roles[n], in)
	r, ok := w.read(in, byRow)
	if !ok {
		panic("ir: an operand of " + n.Op.String() + " cannot be read by its chain")
	}
	if r.Inner {
		return w.values[r.View.Base]
	}
	key := operandKey{in, r.Rows}
	if v, ok := w.operands[key]; ok {
		return v
	}
	v := w.operand(r)
	w.operands[key] = v
	return v
}

// operand adds an operand, or a constant as a number.
func (w *writer) operand(r Reading) chain.Value {
	base := r.View.Base
	if c := base.Node.Constant; c != nil && base.Shape().Size() == 1 {
		if number, ok := numberOf(c); ok {
			return w.b.Constant(number)
		}
	}
	w.out.Reads = append(w.out.Reads, base)
	dtype := base.Shape().DType
	switch {
	case r.Rows:
		return w.b.RowOperand(dtype)
	case base.Shape().Size() == 1:
		return w.b.Operand(dtype, chain.Layout{Constant: true})
	}
	return w.b.Operand(dtype, layout(r.View, w.space.Cols))
}

// layout is the layout of a view in rows of the given length.
func layout(v View, cols int) chain.Layout {
	l := chain.Layout{Offset: v.Offset}
	axis := len(v.Dims)
	for n := 1; axis > 0 && n < cols; {
		axis--
		n *= v.Dims[axis]
	}
	l.Constant = size(v.Dims[axis:]) > 1
	for i, stride := range v.Strides[axis:] {
		l.Constant = l.Constant && (stride == 0 || v.Dims[axis+i] == 1)
	}
	for i, d := range v.Dims[:axis] {
		l.Rows = l.Rows.And(chain.Axis{Size: d, Stride: v.Strides[i]})
	}
	return l
}

// write adds a node to the program.
func (w *writer) write(n *Node) {
	args := make([]chain.Value, len(n.Inputs))
	for i := range args {
		args[i] = w.argument(n, i)
	}
	v := w.operation(n, args)
	if w.roles[n] == perValue {
		v = w.b.Spread(v)
	}
	w.values[Value{Node: n}] = v
}

func (w *writer) operation(n *Node, args []chain.Value) chain.Value {
	switch {
	case chain.Reduces(n.Op):
		return w.b.Reduce(n.Op, args[0])
	case n.Op == compute.OpTypeClamp:
		return w.b.Map(compute.OpTypeMin, w.b.Map(compute.OpTypeMax, args[1], args[0]), args[2])
	case n.Op == compute.OpTypeConvertDType && n.Outputs[0].DType == dtypes.Bool:
		return w.b.Map(compute.OpTypeNotEqual, args[0], w.b.Constant(0))
	case n.Op == compute.OpTypeConvertDType:
		return args[0] // booleans are masks, and other types are converted when they are read
	}
	return w.b.Map(n.Op, args...)
}

// numberOf is the value of a constant scalar.
func numberOf(c *tensor.Tensor) (float32, bool) {
	switch c.Shape.DType {
	case dtypes.Float32:
		return tensor.Of[float32](*c)[0], true
	case dtypes.Bool:
		if tensor.Of[bool](*c)[0] {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
