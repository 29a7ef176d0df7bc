package ir

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
