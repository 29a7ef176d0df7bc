package mincut

import "math"

// augment sends what fits along the path over an arc from one tree to the other.
func (g *Graph) augment(bridge int32) {
	room := g.arcs[bridge].residual
	room = g.narrowest(g.arcs[bridge^1].to, 1, room)
	room = g.narrowest(g.arcs[bridge].to, 0, room)
	g.arcs[bridge].residual -= room
	g.arcs[bridge^1].residual += room
	g.send(g.arcs[bridge^1].to, 1, room)
	g.send(g.arcs[bridge].to, 0, room)
	g.flow += int64(room)
}

// narrowest is the least capacity on the way from a node to its terminal, at most room. Reversed
// is 1 in the tree of the source, whose flow goes against the arcs to the parents.
func (g *Graph) narrowest(v, reversed, room int32) int32 {
	for {
		n := &g.nodes[v]
		if n.parent == terminal {
			if n.residual < 0 {
				return min(room, -n.residual)
			}
			return min(room, n.residual)
		}
		room = min(room, g.arcs[n.parent^reversed].residual)
		v = g.arcs[n.parent].to
	}
}

// send sends flow along the way from a node to its terminal. Nodes whose arc to the parent is
// full are orphans.
func (g *Graph) send(v, reversed, room int32) {
	for {
		n := &g.nodes[v]
		if n.parent == terminal {
			if n.sink {
				n.residual += room
			} else {
				n.residual -= room
			}
			if n.residual == 0 {
				g.orphaned(v)
			}
			return
		}
		up := n.parent
		g.arcs[up^reversed].residual -= room
		g.arcs[up^reversed^1].residual += room
		if g.arcs[up^reversed].residual == 0 {
			g.orphaned(v)
		}
		v = g.arcs[up].to
	}
}

func (g *Graph) orphaned(v int32) {
	g.nodes[v].parent = lost
	g.orphan = append(g.orphan, v)
}

// adopt finds a parent in the same tree for every orphan, or lets it go.
func (g *Graph) adopt() {
	for i := 0; i < len(g.orphan); i++ {
		g.settle(g.orphan[i])
	}
	g.orphan = g.orphan[:0]
}

// settle finds the parent nearest to the terminal for an orphan. Without one, it is in no tree,
// and its children are orphans.
func (g *Graph) settle(v int32) {
	n := &g.nodes[v]
	reversed := int32(1)
	if n.sink {
		reversed = 0
	}
	best, least := none, int32(math.MaxInt32)
	for i := n.arc; i != none; i = g.arcs[i].next {
		if g.arcs[i^reversed].residual == 0 {
			continue
		}
		m := &g.nodes[g.arcs[i].to]
		if m.sink != n.sink || m.parent == none {
			continue
		}
		if d := g.rooted(g.arcs[i].to); d < least {
			best, least = i, d
		}
	}
	if n.parent = best; best != none {
		n.stamp, n.distance = g.clock, least+1
		return
	}
	for i := n.arc; i != none; i = g.arcs[i].next {
		w := g.arcs[i].to
		m := &g.nodes[w]
		if m.sink != n.sink || m.parent == none {
			continue
		}
		if g.arcs[i^reversed].residual > 0 {
			g.activate(w)
		}
		if m.parent >= 0 && g.arcs[m.parent].to == v {
			g.orphaned(w)
		}
	}
}

// rooted is the distance of a node to its terminal, the greatest number if an orphan is in
// between. The distances on the way are set right.
func (g *Graph) rooted(v int32) int32 {
	distance, at := int32(0), v
	for {
		n := &g.nodes[at]
		if n.stamp == g.clock {
			distance += n.distance
			break
		}
		distance++
		if n.parent == terminal {
			n.stamp, n.distance = g.clock, 1
			break
		}
		if n.parent == lost {
			return math.MaxInt32
		}
		at = g.arcs[n.parent].to
	}
	d := distance
	for at = v; g.nodes[at].stamp != g.clock; at = g.arcs[g.nodes[at].parent].to {
		g.nodes[at].stamp, g.nodes[at].distance = g.clock, d
		d--
	}
	return distance
}
