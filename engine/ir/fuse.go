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
	first    int      // position of its first node
	last     int      // and of its last
	needs    []*group // groups that it reads, some of them more than once
	readers  []*group // groups that read it, likewise
	order    int      // greater than those of the groups that it reads
	seen     int      // the last search that came across it
	into     *group   // the group it was merged into
}

func (g *group) now() *group {
	for g.into != nil {
		g = g.into
	}
	return g
}

type fusion struct {
	place    map[*Node]int
	group    map[*Node]*group
	all      []*group
	searches int
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

func (f *fusion) open(n *Node, m *members, needs []*group) {
	g := &group{members: m, nodes: []*Node{n}, first: f.place[n], last: f.place[n], order: len(f.all)}
	for _, h := range needs {
		f.reads(g, h)
	}
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
func (f *fusion) needsOf(n *Node) (needs []*group) {
	for _, in := range n.Inputs {
		if g := f.behind(in); g != nil && !slices.Contains(needs, g) {
			needs = append(needs, g)
		}
	}
	return needs
}

// join adds a node to a group, if it fits and creates no cycle.
func (f *fusion) join(g *group, n *Node, needs []*group) bool {
	for _, h := range needs {
		if h != g && f.reaches(h, g) {
			return false
		}
	}
	if !g.members.add(n) {
		return false
	}
	g.nodes = append(g.nodes, n)
	g.last = max(g.last, f.place[n])
	for _, h := range needs {
		f.reads(g, h)
	}
	f.group[n] = g
	return true
}

// reads notes that a group reads another, and orders the groups anew where needed, of which only those
// between the two change places (Pearce and Kelly 2006, "A dynamic topological sort algorithm for
// directed acyclic graphs").
func (f *fusion) reads(g, h *group) {
	if g == h {
		return
	}
	g.needs, h.readers = append(g.needs, h), append(h.readers, g)
	if h.order < g.order {
		return
	}
	from, to := g.order, h.order
	moved := f.around(h, func(x *group) []*group { return x.needs }, func(x *group) bool { return x.order >= from })
	moved = append(moved, f.around(g, func(x *group) []*group { return x.readers }, func(x *group) bool { return x.order <= to })...)
	var places []int
	for _, x := range moved {
		places = append(places, x.order)
	}
	slices.Sort(places)
	for i, x := range moved {
		x.order = places[i]
	}
}

// around collects, in order, a group and those that are reached from it without leaving a part of the
// order.
func (f *fusion) around(g *group, next func(*group) []*group, within func(*group) bool) []*group {
	f.searches++
	g.seen = f.searches
	found := []*group{g}
	for i := 0; i < len(found); i++ {
		for _, h := range next(found[i]) {
			if h = h.now(); h.seen != f.searches && within(h) {
				h.seen = f.searches
				found = append(found, h)
			}
		}
	}
	slices.SortFunc(found, byOrder)
	return found
}

func byOrder(a, b *group) int { return a.order - b.order }

// reaches reports whether a group depends on another, directly or not. What comes before the other in
// the order cannot, and what comes soon after it is looked at first.
func (f *fusion) reaches(from, to *group) bool {
	f.searches++
	for open := []*group{from}; len(open) > 0; {
		g := open[len(open)-1]
		open = open[:len(open)-1]
		if g == to {
			return true
		}
		n := len(open)
		for _, h := range g.needs {
			if h = h.now(); h.seen != f.searches && h.order >= to.order {
				h.seen = f.searches
				open = append(open, h)
			}
		}
		slices.SortFunc(open[n:], func(a, b *group) int { return byOrder(b, a) })
	}
	return false
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
	for _, h := range b.needs {
		if h = h.now(); h != b {
			f.reads(a, h)
		}
	}
	for _, r := range b.readers {
		if r = r.now(); r != b {
			f.reads(r, a)
		}
	}
	b.into = a
}

// circle reports whether another group lies on a path between two groups.
func (f *fusion) circle(a, b *group) bool {
	for _, pair := range [][2]*group{{a, b}, {b, a}} {
		for _, h := range pair[0].needs {
			if h = h.now(); h != pair[0] && h != pair[1] && f.reaches(h, pair[1]) {
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
		for _, h := range g.needs {
			if h = h.now(); h != g && !seen[h] {
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
