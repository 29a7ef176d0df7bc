package ir

import (
	"slices"

	"github.com/gomlx/compute"

	"atelier/engine/chain"
)

// members are the nodes of a chain, with their roles.
type members struct {
	dims  []int
	split int // -1: undecided
	roles map[*Node]role
	nodes []*Node
}

func newMembers(dims []int) *members {
	return &members{dims: dims, split: -1, roles: map[*Node]role{}}
}

// A Reading is how a chain reads an operand.
type Reading struct {
	View  View
	Inner bool // the base is a value of the chain itself
	Rows  bool // it has one value per row
}

// Read finds how a member reads a value, which may be one of the chain's own. A per-row value is
// read as such by members that are per row themselves. It fails if the chain cannot read it that
// way.
func (m *members) read(v Value, byRow bool) (Reading, bool) {
	views := Views(v)
	for _, view := range views {
		r, inside := m.roles[view.Base.Node]
		if !inside {
			continue
		}
		switch {
		case r == perValue && !byRow:
			return Reading{View: view, Inner: true}, m.covers(view)
		case r == perRow || r == rowReduce:
			if byRow {
				return Reading{View: view, Inner: true, Rows: true}, size(view.Dims) == size(m.dims[:m.split]) && isDense(view)
			}
			return Reading{View: view, Inner: true, Rows: true}, m.repeats(view)
		}
		return Reading{}, false
	}
	if _, inside := m.roles[Root(v).Node]; inside || !chain.Loads(v.Shape().DType) {
		return Reading{}, false
	}
	if byRow {
		return m.readRows(views)
	}
	for _, view := range slices.Backward(views) {
		if wide, ok := m.widened(view); ok && m.runs(wide) {
			return Reading{View: wide}, true
		}
	}
	return Reading{}, false
}

// readRows reads a value with one element per row, or a single one, from outside.
func (m *members) readRows(views []View) (Reading, bool) {
	for _, view := range slices.Backward(views) {
		if view.Base.Shape().Size() == 1 {
			return Reading{View: view}, true
		}
		if view.Offset == 0 && isDense(view) && size(view.Dims) == size(m.dims[:m.split]) && view.Base.Shape().Size() == size(view.Dims) {
			return Reading{View: view, Rows: true}, true
		}
	}
	return Reading{}, false
}

// widened is a view over the whole space: single values and axes of size 1 are broadcast.
func (m *members) widened(v View) (View, bool) {
	if len(v.Dims) == 0 {
		return View{Base: v.Base, Offset: v.Offset, Dims: m.dims, Strides: make([]int, len(m.dims))}, true
	}
	if len(v.Dims) != len(m.dims) {
		return v, false
	}
	out := View{Base: v.Base, Offset: v.Offset, Dims: m.dims, Strides: slices.Clone(v.Strides)}
	for i, d := range v.Dims {
		switch {
		case d == m.dims[i]:
		case d == 1:
			out.Strides[i] = 0
		default:
			return v, false
		}
	}
	return out, true
}

// covers reports whether a view of a value of the chain is the value itself, unmoved.
func (m *members) covers(v View) bool {
	return v.Offset == 0 && isDense(v) && slices.Equal(v.Dims, m.dims)
}

// repeats reports whether a view of a per-row value broadcasts it along the row.
func (m *members) repeats(v View) bool {
	wide, ok := m.widened(v)
	if !ok || wide.Offset != 0 {
		return false
	}
	step := 1
	for i := len(m.dims) - 1; i >= 0; i-- {
		switch {
		case m.dims[i] == 1:
		case i >= m.split:
			if wide.Strides[i] != 0 {
				return false
			}
		case wide.Strides[i] != step:
			return false
		}
		if i < m.split {
			step *= m.dims[i]
		}
	}
	return true
}

// runs reports whether a view can be read row by row, for the chain's split or, if undecided, for
// any row length that avoids scattered single values.
func (m *members) runs(v View) bool {
	length, _ := v.Run()
	if m.split >= 0 {
		return length >= size(m.dims[m.split:])
	}
	for i := len(v.Dims) - 1; i >= 0; i-- {
		if v.Dims[i] != 1 {
			return v.Strides[i] == 0 || v.Strides[i] == 1
		}
	}
	return true
}

func isDense(v View) bool {
	step := 1
	for i := len(v.Dims) - 1; i >= 0; i-- {
		if v.Dims[i] != 1 && v.Strides[i] != step {
			return false
		}
		step *= v.Dims[i]
	}
	return true
}

// add adds a node, if it fits.
func (m *members) add(n *Node) bool {
	r, split := m.roleOf(n)
	if r == alien {
		return false
	}
	before := m.split
	if split >= 0 {
		if m.split = split; !m.splits() {
			m.split = before
			return false
		}
	}
	for _, in := range n.Inputs {
		if _, ok := m.read(in, m.byRow(r, in)); !ok {
			m.split = before
			return false
		}
	}
	m.roles[n] = r
	m.nodes = append(m.nodes, n)
	return true
}

// byRow reports whether a node with a role reads per-row values as such.
func (m *members) byRow(r role, in Value) bool {
	return r == perRow || r == allReduce && !slices.Equal(in.Shape().Dimensions, m.dims)
}

// roleOf is the role that a node would have, and the split of the axes that it needs.
func (m *members) roleOf(n *Node) (role, int) {
	if chain.Reduces(n.Op) {
		r, at := reduced(n)
		in := n.Inputs[0].Shape().Dimensions
		if r == allReduce {
			if slices.Equal(in, m.dims) || m.rowShaped(in) {
				return r, -1
			}
			return alien, -1
		}
		if !slices.Equal(in, m.dims) || m.split >= 0 && at != m.split {
			return alien, -1
		}
		return r, at
	}
	dims := n.Outputs[0].Dimensions
	switch {
	case slices.Equal(dims, m.dims):
		return perValue, -1
	case m.rowShaped(dims) && n.Op != compute.OpTypeConvertDType:
		return perRow, -1
	}
	return alien, -1
}

// rowShaped reports whether a shape has one value per row: the axes of the rows, followed by axes
// of size 1.
func (m *members) rowShaped(dims []int) bool {
	if m.split < 0 || len(dims) < m.split || !slices.Equal(dims[:m.split], m.dims[:m.split]) {
		return false
	}
	for _, d := range dims[m.split:] {
		if d != 1 {
			return false
		}
	}
	return true
}

// splits reports whether all members are compatible with the split.
func (m *members) splits() bool {
	if cols := size(m.dims[m.split:]); cols < 1 || cols > chain.LongestRow {
		return false
	}
	for _, n := range m.nodes {
		for _, in := range n.Inputs {
			if _, ok := m.read(in, m.byRow(m.roles[n], in)); !ok {
				return false
			}
		}
	}
	return true
}
