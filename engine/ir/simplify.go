package ir

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

const opReshape = compute.OpTypeReshape

func newNode(op compute.OpType, in Value, shape shapes.Shape, attributes map[string]any) *Node {
	return &Node{Op: op, Inputs: []Value{in}, Outputs: []shapes.Shape{shape}, Attributes: attributes}
}

// Simplify removes no-ops, and turns moves that keep the order in memory into reshapes: such
// transposes, broadcasts to the same size, slices of everything. Reshapes of reshapes and
// transposes of transposes are merged.
func Simplify(g *Graph) *Graph {
	return Rewrite(g, func(n *Node, add func(*Node) Value) []Value {
		if len(n.Inputs) != 1 || len(n.Outputs) != 1 {
			return nil
		}
		in := n.Inputs[0]
		switch n.Op {
		case opReshape, compute.OpTypeBroadcastInDim, compute.OpTypeSlice, compute.OpTypeConvertDType:
			if in.Shape().Equal(n.Outputs[0]) {
				return []Value{in}
			}
		}
		switch {
		case n.Op == opReshape && in.Node.Op == opReshape:
			if first := in.Node.Inputs[0]; first.Shape().Equal(n.Outputs[0]) {
				return []Value{first}
			}
			return []Value{add(reshape(in.Node.Inputs[0], n.Outputs[0]))}
		case n.Op == compute.OpTypeBroadcastInDim && in.Shape().Size() == n.Outputs[0].Size():
			if axes := Attribute[[]int](n, "broadcastAxes"); slices.IsSorted(axes) {
				return []Value{add(reshape(in, n.Outputs[0]))}
			}
		case n.Op == compute.OpTypeTranspose:
			return transpose(n, add)
		}
		return nil
	})
}

func transpose(n *Node, add func(*Node) Value) []Value {
	in, permutation := n.Inputs[0], Attribute[[]int](n, "permutation")
	if inner := in.Node; inner.Op == compute.OpTypeTranspose {
		first := Attribute[[]int](inner, "permutation")
		both := make([]int, len(permutation))
		for i, axis := range permutation {
			both[i] = first[axis]
		}
		in, permutation = inner.Inputs[0], both
	}
	if stays(in.Shape(), permutation) {
		if in.Shape().Equal(n.Outputs[0]) {
			return []Value{in}
		}
		return []Value{add(reshape(in, n.Outputs[0]))}
	}
	return []Value{add(newNode(compute.OpTypeTranspose, in, n.Outputs[0], map[string]any{"permutation": permutation}))}
}

// stays reports whether a permutation keeps the order in memory: it moves only axes of size 1.
func stays(shape shapes.Shape, permutation []int) bool {
	last := -1
	for _, axis := range permutation {
		if shape.Dimensions[axis] == 1 {
			continue
		}
		if axis < last {
			return false
		}
		last = axis
	}
	return true
}

// Live returns the graph without the nodes that no output depends on. Parameters
// stay parameters, used or not.
func Live(g *Graph) *Graph {
	live := map[*Node]bool{}
	for _, o := range g.Outputs {
		live[o.Node] = true
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if n := g.Nodes[i]; live[n] {
			for _, in := range n.Inputs {
				live[in.Node] = true
			}
		}
	}
	out := &Graph{Parameters: g.Parameters, Outputs: g.Outputs}
	for _, n := range g.Nodes {
		if live[n] {
			out.Nodes = append(out.Nodes, n)
		}
	}
	return out
}

// Apart turns a sum of squares over everything into a separate product if others use the squares as
// well. Otherwise its chain would be merged with theirs, and whatever waits for the sum could not
// be in it: an optimizer's update that is kept only if all gradients are finite would need a second
// pass over all weights and moments.
func Apart(g *Graph) *Graph {
	uses := g.Uses()
	return Rewrite(g, func(n *Node, add func(*Node) Value) []Value {
		if n.Op != compute.OpTypeReduceSum || n.Outputs[0].Rank() > 0 {
			return nil
		}
		square := n.Inputs[0].Node
		if square.Op != compute.OpTypeMul || square.Inputs[0] != square.Inputs[1] || uses[n.Inputs[0]] < 2 || chains(square.Inputs[0].Node) {
			return nil
		}
		again, sum := *square, *n
		sum.Inputs = []Value{add(&again)}
		return []Value{add(&sum)}
	})
}
