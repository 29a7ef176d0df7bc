package wfc

import (
	"context"
	"math"
)

// collapse chooses windows until one is left at each place; ok is false if it went back too often.
func (w *wave) collapse(ctx context.Context) (ok bool, err error) {
	w.bound()
	if !w.propagate() {
		return false, nil
	}
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		at := w.lowest()
		if at < 0 {
			return true, nil
		}
		chosen := w.choose(at)
		w.choices = append(w.choices, choice{chosen, len(w.trail)})
		w.keep(chosen)
		for !w.propagate() {
			if w.back++; w.back > mostBack || len(w.choices) == 0 {
				return false, nil
			}
			last := w.choices[len(w.choices)-1]
			w.choices = w.choices[:len(w.choices)-1]
			w.undo(last.before)
			w.ruleOut(last.fact)
		}
	}
}

// bound rules out windows at the edges that were not seen at them, those elsewhere that were seen at
// an edge alone, and those beside which nothing fits.
func (w *wave) bound() {
	for at := range w.left {
		here := placeOf(at%w.width, at/w.width, w.width-1, w.height-1)
		for pattern, seen := range w.places {
			if seen&here&(atLeft|atRight|between) == 0 || seen&here&(atTop|atBottom|amid) == 0 {
				w.ruleOut(fact{int32(at), int32(pattern)})
			}
			for d := range directions {
				if _, ok := w.neighbour(at, opposite(d)); ok && w.support[d][at*len(w.windows)+pattern] == 0 {
					w.ruleOut(fact{int32(at), int32(pattern)})
				}
			}
		}
	}
}

// lowest is the place of the lowest entropy of those with several windows; -1 if there is none.
func (w *wave) lowest() int {
	best, lowest := -1, math.Inf(1)
	for at, left := range w.left {
		if left < 2 {
			continue
		}
		if entropy := math.Log(w.weight[at]) - w.logSum[at]/w.weight[at] + w.jitter[at]; entropy < lowest {
			best, lowest = at, entropy
		}
	}
	return best
}

// choose draws a window for a place by how often it is in the example.
func (w *wave) choose(at int) fact {
	n := len(w.windows)
	r, last := w.rng.Float64()*w.weight[at], -1
	for pattern, possible := range w.possible[at*n : (at+1)*n] {
		if !possible {
			continue
		}
		last = pattern
		if r -= w.weights[pattern]; r < 0 {
			break
		}
	}
	return fact{int32(at), int32(last)}
}

// keep rules out all other windows of a place.
func (w *wave) keep(chosen fact) {
	for pattern := range w.windows {
		if pattern != int(chosen.pattern) {
			w.ruleOut(fact{chosen.place, int32(pattern)})
		}
	}
}

// ruleOut notes that a window is not at a place.
func (w *wave) ruleOut(f fact) {
	i := int(f.place)*len(w.windows) + int(f.pattern)
	if !w.possible[i] {
		return
	}
	w.possible[i] = false
	w.trail = append(w.trail, f)
	w.count(f, -1)
}

// count changes the sums of a place by a window.
func (w *wave) count(f fact, by int) {
	w.left[f.place] += by
	w.weight[f.place] += float64(by) * w.weights[f.pattern]
	w.logSum[f.place] += float64(by) * w.logs[f.pattern]
}

// propagate rules out what no neighbour allows any more (AC-4, Mohr and Henderson 1986); it is false
// if nothing is left at some place.
func (w *wave) propagate() bool {
	for w.done < len(w.trail) {
		f := w.trail[w.done]
		if w.left[f.place] == 0 {
			return false
		}
		w.done++
		w.tell(f, -1, true)
	}
	return true
}

// tell changes the support of the windows that a window allowed beside it.
func (w *wave) tell(f fact, by int32, rule bool) {
	n := len(w.windows)
	for d := range directions {
		beside, ok := w.neighbour(int(f.place), d)
		if !ok {
			continue
		}
		for _, pattern := range w.fits[d][f.pattern] {
			s := &w.support[d][beside*n+int(pattern)]
			if *s += by; rule && *s == 0 {
				w.ruleOut(fact{int32(beside), pattern})
			}
		}
	}
}

// undo takes back what was ruled out after a point of the trail.
func (w *wave) undo(before int) {
	for i := len(w.trail) - 1; i >= before; i-- {
		f := w.trail[i]
		if i < w.done {
			w.tell(f, 1, false)
		}
		w.possible[int(f.place)*len(w.windows)+int(f.pattern)] = true
		w.count(f, 1)
	}
	w.trail, w.done = w.trail[:before], min(w.done, before)
}
