package levels

import (
	"math/bits"
	"slices"

	"atelier/internal/tilemap"
)

// A Solution is a shortest way from the start of a level to its goal.
type Solution struct {
	// Path are the cells of the way, from the start to the goal, each y × width + x.
	Path []int
	// Keys is the number of keys that were picked up, and Reached the number of cells that can be
	// reached.
	Keys, Reached int
}

// Moves is the length of the way.
func (s *Solution) Moves() int { return len(s.Path) - 1 }

// Solve finds a shortest way; nil if there is none, or no start or goal, or several starts. Keys are
// picked up as they are passed. It is a breadth-first search over cells, keys held and, in platform
// levels, what is left of a jump.
func (r *Rules) Solve(m *tilemap.Map) *Solution {
	start, ok := r.only(m, r.start())
	if !ok || !slices.Contains(m.Cells, r.goal()) {
		return nil
	}
	w := r.explore(m, start)
	if w.goal < 0 {
		return nil
	}
	s := &Solution{}
	for _, steps := range w.first {
		if steps != unseen {
			s.Reached++
		}
	}
	s.Keys = bits.OnesCount(w.keysOf(w.goal))
	for at := w.goal; at >= 0; at = int(w.from[at]) {
		s.Path = append(s.Path, w.cellOf(at))
	}
	slices.Reverse(s.Path)
	return s
}

// only is the only cell of a glyph.
func (r *Rules) only(m *tilemap.Map, glyph rune) (cell int, ok bool) {
	cell = slices.Index(m.Cells, glyph)
	return cell, cell >= 0 && !slices.Contains(m.Cells[cell+1:], glyph)
}

// A walk is what a search has seen. A state is a cell, the cells that a jump still rises, and the
// keys held.
type walk struct {
	*Rules
	m       *tilemap.Map
	cells   []*tile // of the map
	phases  int
	keysets int
	from    []int32 // the state before each; unseen or first
	steps   []int32 // moves to each state
	queue   []int32
	first   []int32 // moves to each cell; unseen
	goal    int     // the state in which a goal was first entered, -1 for none
}

// What stands for a state before another.
const (
	unseen = -1
	origin = -2
)

// explore searches from a cell.
func (r *Rules) explore(m *tilemap.Map, start int) *walk {
	w := &walk{Rules: r, m: m, phases: 1, keysets: 1, goal: -1, cells: make([]*tile, len(m.Cells))}
	if r.Move == Platform {
		w.phases = r.Jump + 1
	}
	for i, g := range m.Cells {
		if w.cells[i] = r.tiles[g]; w.cells[i] != nil && w.cells[i].key > 0 {
			w.keysets = 1 << len(r.keys) // else states are fewer
		}
	}
	n := len(m.Cells) * w.phases * w.keysets
	w.from, w.steps, w.first = slices.Repeat([]int32{unseen}, n), make([]int32, n), slices.Repeat([]int32{unseen}, len(m.Cells))
	w.enter(origin, start, 0, 0)
	for head := 0; head < len(w.queue); head++ {
		state := int(w.queue[head])
		if r.Move == Walk {
			w.walkOn(state)
		} else {
			w.jumpOn(state)
		}
	}
	return w
}

func (w *walk) cellOf(state int) int  { return state / (w.phases * w.keysets) }
func (w *walk) phaseOf(state int) int { return state / w.keysets % w.phases }
func (w *walk) keysOf(state int) uint { return uint(state % w.keysets) }

// enter adds a state, unless it was seen before.
func (w *walk) enter(from, cell, phase int, keys uint) {
	if t := w.cells[cell]; t != nil && t.key > 0 {
		keys |= 1 << (t.key - 1)
	}
	state := (cell*w.phases+phase)*w.keysets + int(keys)
	if w.from[state] != unseen {
		return
	}
	w.from[state] = int32(from)
	if from >= 0 {
		w.steps[state] = w.steps[from] + 1
	}
	if w.first[cell] == unseen {
		w.first[cell] = w.steps[state]
	}
	if w.goal < 0 && w.m.Cells[cell] == w.Rules.goal() {
		w.goal = state
	}
	w.queue = append(w.queue, int32(state))
}

// at is the cell beside another; ok is false outside of the map.
func (w *walk) at(cell, dx, dy int) (beside int, ok bool) {
	x, y := cell%w.m.Width+dx, cell/w.m.Width+dy
	return y*w.m.Width + x, x >= 0 && y >= 0 && x < w.m.Width && y < w.m.Height
}

// free is the cell beside another, if it can be entered with keys.
func (w *walk) free(cell, dx, dy int, keys uint) (beside int, ok bool) {
	beside, ok = w.at(cell, dx, dy)
	return beside, ok && w.cells[beside].free(keys)
}

var neighbours = [4][2]int{{0, -1}, {-1, 0}, {1, 0}, {0, 1}}

// walkOn goes to the neighbours.
func (w *walk) walkOn(state int) {
	cell, keys := w.cellOf(state), w.keysOf(state)
	for _, d := range neighbours {
		if next, ok := w.free(cell, d[0], d[1], keys); ok {
			w.enter(state, next, 0, keys)
		}
	}
}

// carried reports whether one stands in a cell: on what is solid, a ledge or a ladder.
func (w *walk) carried(cell int) bool {
	if t := w.cells[cell]; t != nil && t.Ladder {
		return true
	}
	below, ok := w.at(cell, 0, 1)
	t := w.cells[min(below, len(w.cells)-1)]
	return ok && t != nil && (t.Solid || t.Ledge || t.Ladder)
}

// jumpOn walks, climbs and jumps where one stands. In the air, a jump rises straight or to one side,
// as high as jumps go, and falls straight or to one side, into no ledge from above.
func (w *walk) jumpOn(state int) {
	cell, rise, keys := w.cellOf(state), w.phaseOf(state), w.keysOf(state)
	if w.carried(cell) {
		rise = w.Jump
		for _, dx := range [2]int{-1, 1} {
			if next, ok := w.free(cell, dx, 0, keys); ok {
				w.enter(state, next, 0, keys)
			}
		}
		above, ok := w.free(cell, 0, -1, keys)
		if ok && w.cells[cell].Ladder {
			w.enter(state, above, 0, keys)
		}
		below, ok := w.free(cell, 0, 1, keys)
		if ok && w.cells[below].Ladder {
			w.enter(state, below, 0, keys)
		}
	}
	if above, ok := w.free(cell, 0, -1, keys); ok && rise > 0 {
		w.enter(state, above, rise-1, keys)
		for _, dx := range [2]int{-1, 1} {
			if next, ok := w.free(above, dx, 0, keys); ok {
				w.enter(state, next, rise-1, keys)
			}
		}
	}
	w.fall(state, cell, keys)
	for _, dx := range [2]int{-1, 1} {
		if side, ok := w.free(cell, dx, 0, keys); ok {
			w.fall(state, side, keys)
		}
	}
}

// fall goes to the cell below another, unless that carries.
func (w *walk) fall(state, cell int, keys uint) {
	if below, ok := w.free(cell, 0, 1, keys); ok && !w.cells[below].Ledge {
		w.enter(state, below, 0, keys)
	}
}
