package cpu

import (
	"maps"

	"github.com/gomlx/compute"

	"atelier/engine/chain"
	"atelier/engine/ir"
)

// laid is the attribute of a dot whose result has its axes permuted: for each axis of the result,
// its index among the dot's own.
const laid = "laid"

// turn lets products write directly in the order of a following transpose, if nothing else reads
// them.
func turn(g *ir.Graph) *ir.Graph {
	uses := g.Uses()
	return ir.Rewrite(g, func(n *ir.Node, add func(*ir.Node) ir.Value) []ir.Value {
		if n.Op != compute.OpTypeTranspose || !isProduct(n.Inputs[0].Node) || n.Inputs[0].Node.Attributes[laid] != nil {
			return nil
		}
		if uses[n.Inputs[0]] != 1 {
			return nil
		}
		turned := *n.Inputs[0].Node
		turned.Outputs = n.Outputs
		turned.Attributes = maps.Clone(turned.Attributes)
		turned.Attributes[laid] = ir.Attribute[[]int](n, "permutation")
		if _, ok := resultOf(&turned); !ok {
			return nil
		}
		return []ir.Value{add(&turned)}
	})
}

// A result says how a dot writes its result.
type result struct {
	swapped bool       // the vectors of the right operand are the rows
	batch   chain.Axes // offsets of the matrices
	rows    chain.Axes // offsets of the rows of each; their values are contiguous
}

// resultOf decides how a dot writes its result: with contiguous rows or, if the layout does not
// allow it, with swapped operands.
func resultOf(n *ir.Node) (result, bool) {
	rank := n.Outputs[0].Rank()
	order, _ := n.Attributes[laid].([]int)
	if order == nil {
		order = count(0, rank)
	}
	strides, dims := make([]int, rank), make([]int, rank) // of the dot's own axes
	step := 1
	for i := rank - 1; i >= 0; i-- {
		strides[order[i]], dims[order[i]] = step, n.Outputs[0].Dimensions[i]
		step *= n.Outputs[0].Dimensions[i]
	}
	v := ir.View{Dims: dims, Strides: strides}
	batches := len(ir.Attribute[[]int](n, "lhsBatchAxes"))
	left := batches + n.Inputs[0].Shape().Rank() - batches - len(ir.Attribute[[]int](n, "lhsContractingAxes"))
	batch, _ := axesOf(v, count(0, batches))
	l, _ := axesOf(v, count(batches, left-batches))
	r, _ := axesOf(v, count(left, rank-left))
	if contiguous(r) {
		return result{batch: batch, rows: l}, true
	}
	return result{swapped: true, batch: batch, rows: r}, contiguous(l)
}

// contiguous reports whether the axes are contiguous in memory.
func contiguous(a chain.Axes) bool { return len(a) == 0 || len(a) == 1 && a[0].Stride == 1 }
