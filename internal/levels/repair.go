package levels

import (
	"container/heap"
	"math/rand/v2"
	"slices"

	"atelier/internal/tilemap"
)

// mostRepairs is how many obstacles are taken out of the way of one level.
const mostRepairs = 24

// Repair changes a level so that it can be finished: all starts and goals but one each are taken
// away, or missing ones placed, keys are put where they can be reached, and what is in the way is
// opened or, in platform levels, climbed by ladders and crossed on ledges, by the cheapest changes.
// Where that does not succeed, start and goal are placed anew. It returns the level and how many cells
// it changed; nil if there is no place for them.
func (r *Rules) Repair(level *tilemap.Map, rng *rand.Rand) (*tilemap.Map, int) {
	m := r.single(level, rng)
	if m == nil {
		return nil, 0
	}
	if !r.openWay(m, rng) {
		if m = r.Place(level, Difficulties["medium"], rng); m == nil || r.Solve(m) == nil {
			return nil, 0
		}
	}
	return m, changes(level, m)
}

// openWay changes a level of one start and one goal until it can be finished, and reports whether it
// can.
func (r *Rules) openWay(m *tilemap.Map, rng *rand.Rand) bool {
	start, goal := slices.Index(m.Cells, r.start()), slices.Index(m.Cells, r.goal())
	for range mostRepairs {
		w := r.explore(m, start)
		if w.goal >= 0 {
			return true
		}
		way := w.cheapest(goal)
		if way == nil || !w.clear(way, rng) {
			return false
		}
	}
	return false
}

// changes is the number of cells in which two maps of a size differ.
func changes(a, b *tilemap.Map) (n int) {
	for i := range a.Cells {
		if a.Cells[i] != b.Cells[i] {
			n++
		}
	}
	return n
}

// single is a level with one start and one goal; nil if there is no place for them.
func (r *Rules) single(level *tilemap.Map, rng *rand.Rand) *tilemap.Map {
	m := level.Clone()
	start, goal := slices.Index(m.Cells, r.start()), slices.Index(m.Cells, r.goal())
	if start < 0 || goal < 0 {
		placed := r.Place(m, Difficulties["medium"], rng)
		if placed == nil || start < 0 && goal < 0 {
			return placed
		}
		if start < 0 {
			start = other(placed, r.start(), r.goal(), goal)
			m.Cells[start] = r.start()
		} else {
			goal = other(placed, r.goal(), r.start(), start)
			m.Cells[goal] = r.goal()
		}
	}
	for i, g := range m.Cells {
		if g == r.start() && i != start || g == r.goal() && i != goal {
			m.Cells[i] = r.open()
		}
	}
	return m
}

// other is the cell of a glyph, or of another one if that cell is taken.
func other(m *tilemap.Map, glyph, instead rune, taken int) int {
	if at := slices.Index(m.Cells, glyph); at != taken {
		return at
	}
	return slices.Index(m.Cells, instead)
}

// A change is what is done to a cell on a way.
type change struct {
	cell int
	to   rune // 0 for a door that needs its key
}

// A leg is a step of a way that may need changes.
type leg struct {
	to      int
	cost    int
	changes []change
}

// frontier is a heap of cells by cost.
type frontier []struct{ cell, cost int }

func (f frontier) Len() int           { return len(f) }
func (f frontier) Less(i, j int) bool { return f[i].cost < f[j].cost }
func (f frontier) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)        { *f = append(*f, x.(struct{ cell, cost int })) }
func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// cheapest is the way from what was reached to a cell that costs the least changes (Dijkstra 1959).
func (w *walk) cheapest(goal int) (changes []change) {
	cost, by := slices.Repeat([]int{-1}, len(w.first)), make([]leg, len(w.first))
	from := slices.Repeat([]int{-1}, len(w.first))
	var f frontier
	for cell, steps := range w.first {
		if steps == 0 || steps != unseen && (w.Move == Walk || w.carried(cell)) {
			cost[cell] = 0
			heap.Push(&f, struct{ cell, cost int }{cell, 0})
		}
	}
	for len(f) > 0 {
		at := heap.Pop(&f).(struct{ cell, cost int })
		if at.cost > cost[at.cell] {
			continue
		}
		if at.cell == goal {
			break
		}
		for _, l := range w.legs(at.cell) {
			if c := at.cost + l.cost; cost[l.to] < 0 || c < cost[l.to] {
				cost[l.to], by[l.to], from[l.to] = c, l, at.cell
				heap.Push(&f, struct{ cell, cost int }{l.to, c})
			}
		}
	}
	if cost[goal] < 0 {
		return nil
	}
	for at := goal; from[at] >= 0; at = from[at] {
		changes = append(changes, by[at].changes...)
	}
	slices.Reverse(changes) // from the start on
	return changes
}

// clear makes the changes of a way, up to the first door whose key is not held: that key is put
// where it can be reached. It reports whether it did anything.
func (w *walk) clear(way []change, rng *rand.Rand) bool {
	for _, c := range way {
		if c.to != 0 {
			w.m.Cells[c.cell] = c.to
			continue
		}
		cells := w.standing(func(cell int) bool { return w.first[cell] > 0 })
		if len(cells) > 0 {
			w.m.Cells[cells[rng.IntN(len(cells))]] = w.keys[w.cells[c.cell].opens-1]
			return true
		}
		w.m.Cells[c.cell] = w.open()
	}
	return len(way) > 0
}

// What changes cost.
const (
	costStep   = 1
	costDoor   = 4
	costBuild  = 6
	costRemove = 10
)

// legs are the steps from a cell in which one stands.
func (w *walk) legs(cell int) (all []leg) {
	if w.Move == Platform {
		return w.builtLegs(cell)
	}
	for _, d := range neighbours {
		if to, ok := w.at(cell, d[0], d[1]); ok {
			if l, ok := w.entered(to); ok {
				all = append(all, l)
			}
		}
	}
	return all
}

// inside reports whether a cell is not at the edge of the level, where nothing is opened.
func (w *walk) inside(cell int) bool {
	x, y := cell%w.m.Width, cell/w.m.Width
	return x > 0 && y > 0 && x < w.m.Width-1 && y < w.m.Height-1
}

// entered is the step into a cell, whatever is in it.
func (w *walk) entered(to int) (leg, bool) {
	t := w.cells[to]
	switch {
	case t.free(0):
		return leg{to: to, cost: costStep}, true
	case t != nil && t.opens > 0:
		return leg{to, costDoor, []change{{to, 0}}}, true
	}
	return leg{to, costRemove, []change{{to, w.open()}}}, w.inside(to)
}

// builtLegs are the steps from a cell of a platform level, with what has to be built for them.
func (w *walk) builtLegs(cell int) (all []leg) {
	ladder, ledge := w.named(w.Ladder).glyph, w.named(w.Ledge).glyph
	for _, dx := range [2]int{-1, 1} {
		to, ok := w.at(cell, dx, 0)
		if !ok {
			continue
		}
		if w.cells[to].free(0) {
			all = append(all, w.falls(to)...)
		}
		l, ok := w.entered(to)
		below, under := w.at(to, 0, 1)
		if ok && under && !w.carried(to) {
			l.cost += costBuild
			l.changes = append(l.changes, change{below, ledge})
			ok = !w.special(w.m.Cells[below])
		}
		if ok && under {
			all = append(all, l)
		}
	}
	// Up: a ladder in this cell, unless something is in it.
	if to, ok := w.at(cell, 0, -1); ok {
		own := w.m.Cells[cell]
		l, ok := w.entered(to)
		if own != ladder {
			l.cost += costBuild
			l.changes = append(l.changes, change{cell, ladder})
			ok = ok && !w.special(own)
		}
		if ok {
			all = append(all, l)
		}
	}
	// Down: a ladder in the cell below.
	if to, ok := w.at(cell, 0, 1); ok && w.inside(to) && !w.special(w.m.Cells[to]) {
		l := leg{to: to, cost: costStep}
		if w.m.Cells[to] != ladder {
			l.cost, l.changes = costRemove, []change{{to, ladder}}
		}
		all = append(all, l)
	}
	return append(all, w.falls(cell)...)
}

// falls are the steps by falling from a cell: to the goal on the way, and to where one lands.
func (w *walk) falls(from int) (all []leg) {
	for cost := costStep; !w.carried(from); cost++ {
		below, ok := w.at(from, 0, 1)
		if !ok || !w.cells[below].free(0) {
			break
		}
		if from = below; w.carried(from) || w.m.Cells[from] == w.Rules.goal() {
			all = append(all, leg{to: from, cost: cost})
		}
	}
	return all
}
