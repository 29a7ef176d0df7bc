package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/ir"
)

// layOut transposes a dot's operand if the order of its axes in memory does not allow reading it
// directly: batches, then vectors, then depth.
func layOut(g *ir.Graph) *ir.Graph {
	return ir.Rewrite(g, func(n *ir.Node, add func(*ir.Node) ir.Value) []ir.Value {
		if !isProduct(n) {
			return nil
		}
		changed := *n
		changed.Inputs, changed.Attributes = slices.Clone(n.Inputs), map[string]any{}
		for k, v := range n.Attributes {
			changed.Attributes[k] = v
		}
		same := true
		for i, side := range []string{"lhs", "rhs"} {
			batches, depth := ir.Attribute[[]int](n, side+"BatchAxes"), ir.Attribute[[]int](n, side+"ContractingAxes")
			if _, ok := read(n.Inputs[i], batches, depth); ok {
				continue
			}
			same = false
			changed.Inputs[i] = add(transposed(n.Inputs[i], batches, depth))
			first := changed.Inputs[i].Shape().Rank() - len(depth)
			changed.Attributes[side+"BatchAxes"] = count(0, len(batches))
			changed.Attributes[side+"ContractingAxes"] = count(first, len(depth))
		}
		if same {
			return nil
		}
		return []ir.Value{add(&changed)}
	})
}

// transposed is a node with the axes in order.
func transposed(v ir.Value, batches, depth []int) *ir.Node {
	var free []int
	for i := range v.Shape().Rank() {
		if !slices.Contains(batches, i) && !slices.Contains(depth, i) {
			free = append(free, i)
		}
	}
	permutation := slices.Concat(batches, free, depth)
	shape := shapes.Make(v.Shape().DType)
	for _, axis := range permutation {
		shape.Dimensions = append(shape.Dimensions, v.Shape().Dimensions[axis])
	}
	return &ir.Node{
		Op: compute.OpTypeTranspose, Inputs: []ir.Value{v}, Outputs: []shapes.Shape{shape},
		Attributes: map[string]any{"permutation": permutation},
	}
}

// count is the n integers from first on.
func count(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}
