package ir

import (
	"container/heap"
	"slices"
)

// Fuse divides a graph into units, in executable order: chains of element-wise operations, and
// single nodes for the rest. A node joins the chain of an operand if this creates no cycle, and
// chains that meet in it are merged. A node that only moves values is in no unit: readers use a
// view of its operand (see [Views]), or have it computed then.
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

// A group is a unit under construction.
type group struct {
	*members // nil: a node outside of any chain
	nodes    []*Node
	first    int             // position of its first node
	last     int             // and of its last
	needs    map[*group]bool // groups that it reads
	into     *group          // the group it was merged into
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

// take adds a node to a group.
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

// behind is the group that a value comes from, looking through moves; nil if it belongs to none.
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

// join adds a node to a group, if it fits and creates no cycle.
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

// reaches reports whether a group depends on another, directly or not.
func (f *fusion) reaches(from, to *group) bool {
	seen := map[*group]bool{}
	var visit func(g *group) bool
	visit = func(g *group) bool {
		if g == to {
			return true
		}
		if seen[g] {
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

// merge merges the second group into the first, if it fits and creates no cycle.
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

// circle reports whether another group lies on a path between two groups.
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

// units sorts the groups topologically.
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

// queue is a heap of groups, ordered by the position of their last node.
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
