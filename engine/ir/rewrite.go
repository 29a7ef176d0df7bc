package ir

import "github.com/gomlx/compute/shapes"

// A Rule returns the values that replace a node's outputs, or nil to keep the node. The node's
// inputs have already been rewritten; new nodes are added by calling add.
type Rule func(n *Node, add func(*Node) Value) []Value

// Rewrite applies a rule to every node in order. The original graph is not changed.
func Rewrite(g *Graph, rule Rule) *Graph {
	out := &Graph{Parameters: g.Parameters}
	now := map[Value]Value{}
	add := func(n *Node) Value {
		out.Nodes = append(out.Nodes, n)
		return Value{Node: n}
	}
	for _, n := range g.Nodes {
		kept := n
		for i, in := range n.Inputs {
			v, ok := now[in]
			if !ok || v == in {
				continue
			}
			if kept == n {
				copied := *n
				copied.Inputs = append([]Value(nil), n.Inputs...)
				kept = &copied
			}
			kept.Inputs[i] = v
		}
		values := rule(kept, add)
		if values == nil {
			add(kept)
			if kept == n {
				continue
			}
			for i := range kept.Outputs {
				values = append(values, Value{Node: kept, Index: i})
			}
		}
		for i, v := range values {
			now[Value{Node: n, Index: i}] = v
		}
	}
	for _, o := range g.Outputs {
		if v, ok := now[o]; ok {
			o = v
		}
		out.Outputs = append(out.Outputs, o)
	}
	return out
}

// reshape adds a node that reshapes a value.
func reshape(v Value, shape shapes.Shape) *Node { return newNode(opReshape, v, shape, nil) }
