// Package ir is the graph of operations that the engine records, optimizes and runs.
package ir

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/tensor"
)

// A Replay records an operation again, with other inputs, in another function.
type Replay func(f compute.Function, inputs []compute.Value) ([]compute.Value, error)

// A Node is one operation.
type Node struct {
	Op      compute.OpType
	Inputs  []Value
	Outputs []shapes.Shape
	// Attributes are the operation's parameters other than values, by their names in
	// compute.Function; nil if it has none.
	Attributes map[string]any
	// Constant is the value of a constant.
	Constant *tensor.Tensor
	// Replay records the node's operation elsewhere; nil for parameters and constants.
	Replay Replay
}

// Given reports whether a node is a parameter or a constant.
func (n *Node) Given() bool {
	return n.Op == compute.OpTypeParameter || n.Op == compute.OpTypeCapturedValue
}

// A Value is one output of a node.
type Value struct {
	Node  *Node
	Index int
}

// Shape is the shape of the value.
func (v Value) Shape() shapes.Shape { return v.Node.Outputs[v.Index] }

// A Graph is what one execution computes: nodes come after their inputs.
type Graph struct {
	Nodes      []*Node
	Parameters []*Node
	Outputs    []Value
}

// Uses counts how often each value is read, by nodes and as an output.
func (g *Graph) Uses() map[Value]int {
	uses := map[Value]int{}
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			uses[in]++
		}
	}
	for _, o := range g.Outputs {
		uses[o]++
	}
	return uses
}

// Attribute returns an attribute of a node, converted to its type.
func Attribute[T any](n *Node, name string) T { return n.Attributes[name].(T) }
