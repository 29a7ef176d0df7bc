// Package mincut finds minimum cuts of graphs with two terminals by augmenting paths along two
// search trees that are kept from path to path (Boykov and Kolmogorov 2004,
// doi:10.1109/TPAMI.2004.60), which suits the grids of pictures.
package mincut

import "context"

// A Graph has nodes that are joined to a source, to a sink, and to one another, by arcs of whole
// capacities. Build it with [New], [Graph.Terminal] and [Graph.Join], then call [Graph.Cut] once.
type Graph struct {
	nodes  []node
	arcs   []arc // an arc and its reverse are neighbours: i and i^1
	flow   int64
	clock  int32
	first  [2]int32 // of the active nodes: those to look at now, and those after them
	last   [2]int32
	orphan []int32
}

// What a node's parent is, besides an arc.
const (
	none     int32 = -1 // it is in no tree
	terminal int32 = -2
	lost     int32 = -3 // its parent was cut off
)

type node struct {
	arc      int32 // the first that goes out
	parent   int32 // the arc to the parent
	queued   int32 // the next active node; itself if it is the last, none if it is not active
	stamp    int32 // when the distance was right
	distance int32 // to the terminal
	sink     bool  // it is in the tree of the sink
	residual int32 // from the source if positive, to the sink if negative
}

type arc struct {
	to, next int32
	residual int32
}

// New returns a graph of n nodes without arcs. Room is made for so many joints.
func New(n, joints int) *Graph {
	g := &Graph{nodes: make([]node, n), arcs: make([]arc, 0, 2*joints)}
	for i := range g.nodes {
		g.nodes[i] = node{arc: none, parent: none, queued: none}
	}
	return g
}

// Terminal adds capacities, at least 0, from the source to a node and from it to the sink.
func (g *Graph) Terminal(v int, source, sink int32) {
	n := &g.nodes[v]
	if n.residual > 0 {
		source += n.residual
	} else {
		sink -= n.residual
	}
	g.flow += int64(min(source, sink))
	n.residual = source - sink
}

// Join adds an arc between two nodes, of capacities of at least 0 there and back.
func (g *Graph) Join(a, b int, there, back int32) {
	i := int32(len(g.arcs))
	g.arcs = append(g.arcs, arc{int32(b), g.nodes[a].arc, there}, arc{int32(a), g.nodes[b].arc, back})
	g.nodes[a].arc, g.nodes[b].arc = i, i+1
}

// FromSource reports, after [Graph.Cut], whether a node is on the side of the source. What is on
// neither side of necessity is on that of the sink.
func (g *Graph) FromSource(v int) bool { return g.nodes[v].parent != none && !g.nodes[v].sink }

// activate appends a node to the active ones.
func (g *Graph) activate(v int32) {
	n := &g.nodes[v]
	if n.queued != none {
		return
	}
	if g.last[1] != none {
		g.nodes[g.last[1]].queued = v
	} else {
		g.first[1] = v
	}
	g.last[1], n.queued = v, v
}

// active takes the next active node that is still in a tree, or none.
func (g *Graph) active() int32 {
	for {
		v := g.first[0]
		if v == none {
			v = g.first[1]
			g.first[0], g.last[0] = g.first[1], g.last[1]
			g.first[1], g.last[1] = none, none
			if v == none {
				return none
			}
		}
		n := &g.nodes[v]
		if n.queued == v {
			g.first[0], g.last[0] = none, none
		} else {
			g.first[0] = n.queued
		}
		n.queued = none
		if n.parent != none {
			return v
		}
	}
}

// Cut finds the minimum cut and returns its capacity, which is the maximum flow.
func (g *Graph) Cut(ctx context.Context) (int64, error) {
	g.first, g.last = [2]int32{none, none}, [2]int32{none, none}
	for i := range g.nodes {
		if n := &g.nodes[i]; n.residual != 0 {
			n.sink, n.parent, n.distance = n.residual < 0, terminal, 1
			g.activate(int32(i))
		}
	}
	current := none
	for turn := 0; ; turn++ {
		if turn%4096 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		v := current
		if v != none {
			g.nodes[v].queued = none
			if g.nodes[v].parent == none {
				v = none
			}
		}
		if v == none {
			if v = g.active(); v == none {
				return g.flow, nil
			}
		}
		bridge := g.grow(v)
		g.clock++
		current = none
		if bridge == none {
			continue
		}
		g.nodes[v].queued, current = v, v // it stays active without being in the queue
		g.augment(bridge)
		g.adopt()
	}
}

// grow lets the tree of an active node take free neighbours, until it meets the other tree. It
// returns the arc from the tree of the source to that of the sink, or none.
func (g *Graph) grow(v int32) int32 {
	n := &g.nodes[v]
	for i := n.arc; i != none; i = g.arcs[i].next {
		room := g.arcs[i].residual
		if n.sink {
			room = g.arcs[i^1].residual
		}
		if room == 0 {
			continue
		}
		m := &g.nodes[g.arcs[i].to]
		switch {
		case m.parent == none:
			m.sink, m.parent, m.stamp, m.distance = n.sink, i^1, n.stamp, n.distance+1
			g.activate(g.arcs[i].to)
		case m.sink != n.sink && n.sink:
			return i ^ 1
		case m.sink != n.sink:
			return i
		case m.stamp <= n.stamp && m.distance > n.distance: // a shorter way
			m.parent, m.stamp, m.distance = i^1, n.stamp, n.distance+1
		}
	}
	return none
}
