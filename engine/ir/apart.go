package ir

import "github.com/gomlx/compute"

// Apart gives a sum over everything of squares a product of its own, where others use
// the squares as well. Else its chain would become theirs, and what waits for the sum
// could not be in it: an optimizer's update that is kept only if all gradients are
// finite would take a second pass over all weights and moments.
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
