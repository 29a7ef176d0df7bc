package levels

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"atelier/internal/tilemap"
)

// A Difficulty is how long the way is, as a share of the longest from the start.
type Difficulty float64

// The difficulties by name.
var Difficulties = map[string]Difficulty{"easy": 0.35, "medium": 0.65, "hard": 1}

// Place puts one start, one goal and a key for every kind of door that is in the way into a level,
// in place of those it had. Each key lies where it can be reached before its doors. It returns nil if
// the level has no two cells to stand in that are connected.
func (r *Rules) Place(level *tilemap.Map, d Difficulty, rng *rand.Rand) *tilemap.Map {
	m := r.Bare(level)
	start := r.beginning(m, rng)
	if start < 0 {
		return nil
	}
	m.Cells[start] = r.start()
	r.placeKeys(m, start, rng)
	w := r.explore(m, start)
	all := w.standing(func(cell int) bool { return cell != start })
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(w.first[a], w.first[b]) })
	longest := float64(w.first[all[len(all)-1]])
	goal := slices.IndexFunc(all, func(c int) bool { return float64(w.first[c]) >= float64(d)*longest })
	m.Cells[all[goal]] = r.goal()
	return m
}

// standing are the reached cells in which one stands on the open tile and that pass a test.
func (w *walk) standing(passes func(cell int) bool) (all []int) {
	for cell, steps := range w.first {
		if steps != unseen && w.m.Cells[cell] == w.open() && (w.Move == Walk || w.carried(cell)) && passes(cell) {
			all = append(all, cell)
		}
	}
	return all
}

// beginning is a cell at the end of the largest connected part of a level without specials, as if
// all doors were open; -1 for none.
func (r *Rules) beginning(m *tilemap.Map, rng *rand.Rand) int {
	unlocked := r.unlocked(m)
	best := -1
	var of []int
	done := make([]bool, len(m.Cells))
	for cell := range m.Cells {
		if done[cell] || m.Cells[cell] != r.open() {
			continue
		}
		w := r.explore(unlocked, cell)
		if r.Move == Platform && !w.carried(cell) {
			continue
		}
		all := w.standing(func(cell int) bool { return m.Cells[cell] == r.open() })
		for _, c := range all {
			done[c] = true
		}
		if len(all) > len(of) {
			best, of = cell, all
		}
	}
	if best < 0 || len(of) < 2 {
		return -1
	}
	if r.Move == Platform { // where one can fall, there may be no way back
		return best
	}
	from := of[rng.IntN(len(of))]
	w := r.explore(unlocked, from)
	return slices.MaxFunc(of, func(a, b int) int { return cmp.Compare(w.first[a], w.first[b]) })
}

// unlocked is a level whose doors need no keys.
func (r *Rules) unlocked(m *tilemap.Map) *tilemap.Map {
	out := m.Clone()
	for i, g := range out.Cells {
		if t := r.tiles[g]; t != nil && t.opens > 0 {
			out.Cells[i] = r.passage()
		}
	}
	return out
}

// passage is a glyph that can be entered and is no place to put things: a tile beside the open one if
// there is one.
func (r *Rules) passage() rune {
	for i := range r.Tiles {
		t := r.named(r.Tiles[i].Glyph)
		if t.free(0) && !t.Ladder && !t.Ledge && t.glyph != r.open() && !r.special(t.glyph) {
			return t.glyph
		}
	}
	return r.open()
}

// placeKeys puts keys where they can be reached, for one kind of door after the other as they are met.
func (r *Rules) placeKeys(m *tilemap.Map, start int, rng *rand.Rand) {
	for placed := uint(0); ; {
		w := r.explore(m, start)
		key := w.metDoor(placed)
		if key == 0 {
			return
		}
		placed |= 1 << (key - 1)
		if cells := w.standing(func(c int) bool { return c != start && w.first[c] > 1 }); len(cells) > 0 {
			m.Cells[cells[rng.IntN(len(cells))]] = r.keys[key-1]
		}
	}
}

// metDoor is the key of the nearest door beside what was reached that is not among some; 0 for none.
func (w *walk) metDoor(but uint) (key int) {
	nearest := int32(-1)
	for cell, steps := range w.first {
		if steps == unseen {
			continue
		}
		for _, d := range neighbours {
			beside, ok := w.at(cell, d[0], d[1])
			if !ok || w.cells[beside] == nil || w.first[beside] != unseen {
				continue
			}
			if opens := w.cells[beside].opens; opens > 0 && but>>(opens-1)&1 == 0 && (nearest < 0 || steps < nearest) {
				nearest, key = steps, opens
			}
		}
	}
	return key
}

// leastRoom is the size of the smallest part of a level that is worth a way to it, in cells.
const leastRoom = 6

// Join opens ways between the parts of a level seen from above that are not connected, by the
// cheapest changes, and returns how many cells it changed.
func (r *Rules) Join(m *tilemap.Map, rng *rand.Rand) int {
	before := m.Clone()
	for range mostRepairs {
		start := r.beginning(m, rng)
		if r.Move != Walk || start < 0 {
			break
		}
		w := r.explore(r.unlocked(m), start)
		apart := w.apart()
		if apart < 0 {
			break
		}
		way := w.cheapest(apart)
		if way == nil {
			break
		}
		for _, c := range way {
			m.Cells[c.cell] = c.to
		}
	}
	return changes(before, m)
}

// apart is a cell of a part that is not reached and not too small; -1 for none.
func (w *walk) apart() int {
	for cell, steps := range w.first {
		if steps == unseen && w.m.Cells[cell] == w.open() {
			other := w.explore(w.m, cell)
			if len(other.queue) >= leastRoom {
				return cell
			}
		}
	}
	return -1
}
