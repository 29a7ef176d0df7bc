package ir

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/chain"
)

// A Unit is computed at once: one node, or a chain of them.
type Unit struct {
	Nodes []*Node // in order
	// Dims is the space of a chain, nil if the unit is a single node of another kind. Split is
	// where its axes are divided into rows and columns; -1: undecided.
	Dims  []int
	Split int
}

// Chained reports whether the unit is a chain.
func (u *Unit) Chained() bool { return u.Dims != nil }

// Rows and Cols are the sizes of the space's two sides.
func (u *Unit) Rows() int { return size(u.Dims[:u.Split]) }

// Cols is the number of values of a row.
func (u *Unit) Cols() int { return size(u.Dims[u.Split:]) }

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// A role says what a node is in a chain.
type role int

const (
	alien     role = iota // cannot be in a chain
	perValue              // one value per element
	perRow                // one value per row
	rowReduce             // the same, from a reduction
	colReduce             // a sum over the rows
	allReduce             // a sum over everything
)

// chains reports whether a node may be in a chain at all.
func chains(n *Node) bool {
	if len(n.Outputs) != 1 {
		return false
	}
	if chain.Reduces(n.Op) {
		return n.Inputs[0].Shape().DType == dtypes.Float32
	}
	out := n.Outputs[0].DType
	if out != dtypes.Float32 && out != dtypes.Bool {
		return false
	}
	if n.Op == compute.OpTypeConvertDType {
		return out == dtypes.Float32 && chain.Loads(n.Inputs[0].Shape().DType) || n.Inputs[0].Shape().DType == dtypes.Float32
	}
	if n.Op != compute.OpTypeClamp && !chain.Maps(n.Op, len(n.Inputs)) {
		return false
	}
	for _, in := range n.Inputs {
		if t := in.Shape().DType; t != dtypes.Float32 && t != dtypes.Bool {
			return false
		}
	}
	return true
}

// space is the space that a node would have as a chain of its own.
func space(n *Node) []int {
	dims := n.Outputs[0].Dimensions
	if chain.Reduces(n.Op) {
		dims = n.Inputs[0].Shape().Dimensions
	}
	return append([]int{}, dims...)
}

// reduced classifies a reduction and its split: the trailing axes from at on, the leading ones up
// to at, or all.
func reduced(n *Node) (r role, at int) {
	rank := n.Inputs[0].Shape().Rank()
	axes := slices.Sorted(slices.Values(Attribute[[]int](n, "axes")))
	if len(axes) == 0 && n.Outputs[0].Rank() == rank && rank > 0 {
		return alien, 0 // a plain copy
	}
	if len(axes) == 0 || len(axes) == rank {
		return allReduce, 0
	}
	first, last := axes[0], axes[len(axes)-1]
	switch {
	case last-first+1 != len(axes):
		return alien, 0
	case last == rank-1:
		return rowReduce, first
	case first == 0:
		return colReduce, last + 1
	}
	return alien, 0
}
