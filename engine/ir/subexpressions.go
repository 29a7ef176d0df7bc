package ir

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
)

// mostConstant is the size limit of constants that are compared, in bytes.
const mostConstant = 1 << 12

// Common eliminates common subexpressions.
func Common(g *Graph) *Graph {
	known := map[string]*Node{}
	return Rewrite(g, func(n *Node, _ func(*Node) Value) []Value {
		key, ok := keyOf(n)
		if !ok {
			return nil
		}
		first, seen := known[key]
		if !seen {
			known[key] = n
			return nil
		}
		values := make([]Value, len(first.Outputs))
		for i := range values {
			values[i] = Value{Node: first, Index: i}
		}
		return values
	})
}

// keyOf is equal for nodes that compute the same. Parameters equal only themselves, and closures
// are not compared.
func keyOf(n *Node) (string, bool) {
	switch n.Op {
	case compute.OpTypeParameter, compute.OpTypeCapturedValue, compute.OpTypeIf, compute.OpTypeWhile, compute.OpTypeSort:
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %v", n.Op, n.Outputs)
	if n.Constant != nil {
		if len(n.Constant.Bytes) > mostConstant {
			return "", false
		}
		b.Write(n.Constant.Bytes)
		return b.String(), true
	}
	for _, in := range n.Inputs {
		fmt.Fprintf(&b, " %p.%d", in.Node, in.Index)
	}
	fmt.Fprintf(&b, " %v", n.Attributes) // maps are printed sorted by key
	return b.String(), true
}
