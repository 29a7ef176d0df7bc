package ir

import (
	"container/heap"
	"slices"
)

// Fuse cuts a graph into units, in an order in which they can be computed: chains of
// operations that are done element by element, and what else there is node by node.
// A node joins the chain of an operand where that makes no circle, and chains that
// meet in it become one. What only moves values is in no unit: whoever reads it looks
// through it (see [Views]), or has it computed then.
func Fuse(g *Graph) []*Unit {
	f := fusion{place: map[*Node]int{}, group: map[*Node]*group{}}
	for i, n := range g.Nodes {
		if n.Constant == nil && !n.Given() && !n.Moves() {
			f.place[n] = i
			f.take(n)
		}
	}
	return f.units()
}

// A group is a unit in the making.
type group struct {
	*members // nil: a node that is not part of a chain
	nodes    []*Node
	first    int             // place of its first node
	last     int             // and of its last
	needs    map[*group]bool // groups that it reads
	into     *group          // that it has become part of
}

func (g *group) now() *group {
	for g.into != nil {
		g = g.into
	}
	return g
}

type fusion struct {
	place map[*Node]int
	group map[*Node]*group
	all   []*group
}

// take puts a node into a group.
func (f *fusion) take(n *Node) {
	needs := f.needsOf(n)
	if !chains(n) {
		f.open(n, nil, needs)
		return
	}
	var joined *group
	for _, in := range n.Inputs {
		switch g := f.behind(in); {
		case g == nil || g == joined || g.members == nil:
		case joined == nil:
			if f.join(g, n, needs) {
				joined = g
			}
		default:
			f.merge(joined, g)
		}
	}
	if joined == nil {
		m := newMembers(space(n))
		if !m.add(n) {
			m = nil
		}
		f.open(n, m, needs)
	}
}

func (f *fusion) open(n *Node, m *members, needs map[*group]bool) {
	g := &group{members: m, nodes: []*Node{n}, first: f.place[n], last: f.place[n], needs: needs}
	f.group[n] = g
	f.all = append(f.all, g)
}

// behind is the group that a value comes from, when one looks through what only
// moves it; nil if it is none's.
func (f *fusion) behind(v Value) *group {
	if g := f.group[Root(v).Node]; g != nil {
		return g.now()
	}
	return nil
}

// needsOf are the groups that a node reads.
func (f *fusion) needsOf(n *Node) map[*group]bool {
	needs := map[*group]bool{}
	for _, in := range n.Inputs {
		if g := f.behind(in); g != nil {
			needs[g] = true
		}
	}
	return needs
}

// join puts a node into a group, if it fits and makes no circle.
func (f *fusion) join(g *group, n *Node, needs map[*group]bool) bool {
	for h := range needs {
		if h != g && f.reaches(h, g) {
			return false
		}
	}
	if !g.members.add(n) {
		return false
	}
	g.nodes = append(g.nodes, n)
	g.last = max(g.last, f.place[n])
	for h := range needs {
		if h != g {
			g.needs[h] = true
		}
	}
	f.group[n] = g
	return true
}

// reaches reports whether a group needs another one, directly or not.
func (f *fusion) reaches(from, to *group) bool {
	seen := map[*group]bool{}
	var visit func(g *group) bool
	visit = func(g *group) bool {
		if g == to {
			return true
		}
		if seen[g] || g.last < to.first {
			return false
		}
		seen[g] = true
		for h := range g.needs {
			if visit(h.now()) {
				return true
			}
		}
		return false
	}
	return visit(from)
}

// merge makes the second group a part of the first, if that fits and makes no circle.
func (f *fusion) merge(a, b *group) {
	if !slices.Equal(a.dims, b.dims) || a.split >= 0 && b.split >= 0 && a.split != b.split || f.circle(a, b) {
		return
	}
	m := newMembers(a.dims)
	m.split = max(a.split, b.split)
	nodes := append(slices.Clone(a.nodes), b.nodes...)
	slices.SortFunc(nodes, func(x, y *Node) int { return f.place[x] - f.place[y] })
	for _, n := range nodes {
		if !m.add(n) {
			return
		}
	}
	a.members, a.nodes = m, nodes
	a.first, a.last = min(a.first, b.first), max(a.last, b.last)
	for h := range b.needs {
		a.needs[h.now()] = true
	}
	b.into = a
	delete(a.needs, a)
	delete(a.needs, b)
}

// circle reports whether something lies between two groups.
func (f *fusion) circle(a, b *group) bool {
	for _, pair := range [][2]*group{{a, b}, {b, a}} {
		for h := range pair[0].needs {
			if h := h.now(); h != pair[1] && f.reaches(h, pair[1]) {
				return true
			}
		}
	}
	return false
}

// units puts the groups in order.
func (f *fusion) units() []*Unit {
	var ready queue
	waiting, readers := map[*group]int{}, map[*group][]*group{}
	for _, g := range f.all {
		if g.into != nil {
			continue
		}
		seen := map[*group]bool{}
		for h := range g.needs {
			if h := h.now(); h != g && !seen[h] {
				seen[h] = true
				waiting[g]++
				readers[h] = append(readers[h], g)
			}
		}
		if waiting[g] == 0 {
			ready = append(ready, g)
		}
	}
	heap.Init(&ready)
	var out []*Unit
	for ready.Len() > 0 {
		g := heap.Pop(&ready).(*group)
		u := &Unit{Nodes: g.nodes, Split: -1}
		if g.members != nil {
			u.Dims, u.Split = g.dims, g.split
		}
		out = append(out, u)
		for _, r := range readers[g] {
			if waiting[r]--; waiting[r] == 0 {
				heap.Push(&ready, r)
			}
		}
	}
	return out
}

// queue is a heap of groups, the one whose last node stands first in the graph on top.
type queue []*group

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].last < q[j].last }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(g any)        { *q = append(*q, g.(*group)) }
func (q *queue) Pop() any {
	old := *q
	g := old[len(old)-1]
	*q = old[:len(old)-1]
	return g
}
