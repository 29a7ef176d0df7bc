package cpu

import (
	"github.com/gomlx/compute"

	"atelier/engine/ir"
	"atelier/engine/tensor"
)

// mostFolded limits what is computed at compile time, in bytes.
const mostFolded = 1 << 18

// fold computes everything that depends only on constants. Constants that are only moved are left
// alone: readers use views of them.
func (b *Backend) fold(g *ir.Graph) (*ir.Graph, error) {
	constant := map[*ir.Node]bool{}
	for _, n := range g.Nodes {
		constant[n] = foldable(n, constant)
	}
	part := &ir.Graph{}
	at := map[ir.Value]int{} // of an output of the part
	use := func(v ir.Value) {
		v = ir.Root(v)
		if !constant[v.Node] || v.Node.Constant != nil {
			return
		}
		if _, seen := at[v]; !seen {
			at[v] = len(part.Outputs)
			part.Outputs = append(part.Outputs, v)
		}
	}
	for _, n := range g.Nodes {
		if constant[n] {
			part.Nodes = append(part.Nodes, n)
			continue
		}
		for _, in := range n.Inputs {
			use(in)
		}
	}
	for _, o := range g.Outputs {
		use(o)
	}
	if len(part.Outputs) == 0 {
		return g, nil
	}
	results, err := b.ready(ir.Live(part)).Execute(nil, nil, 0)
	if err != nil {
		return nil, err
	}
	return ir.Rewrite(g, func(n *ir.Node, add func(*ir.Node) ir.Value) []ir.Value {
		i, ok := at[ir.Value{Node: n}]
		if !ok {
			return nil
		}
		value := results[i].(*Buffer).value
		return []ir.Value{add(&ir.Node{Op: compute.OpTypeConstant, Outputs: n.Outputs, Constant: &value})}
	}), nil
}

func foldable(n *ir.Node, constant map[*ir.Node]bool) bool {
	if n.Constant != nil {
		return true
	}
	switch n.Op {
	case compute.OpTypeIf, compute.OpTypeWhile, compute.OpTypeSort:
		return false
	}
	if n.Given() || len(n.Outputs) != 1 || tensor.Size(n.Outputs[0]) > mostFolded {
		return false
	}
	for _, in := range n.Inputs {
		if !constant[in.Node] {
			return false
		}
	}
	return true
}
