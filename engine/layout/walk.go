// Package layout moves values: transpose, broadcast, slice, pad, concatenate, reverse, gather and
// scatter. The semantics are those of github.com/gomlx/compute, and where these are open, those of
// StableHLO. Values are moved by the size of their elements, whatever their type; only scatter and
// iota depend on the type.
//
// Every function fills the whole of its out, which must have the right shape and, unless stated
// otherwise, share no memory with its inputs. Types packed into less than a byte are not supported:
// callers convert them first.
package layout

import "slices"

// A walk traverses two arrays in parallel, in row-major order of dims. Each array has a stride per
// axis, in elements, and an offset; strides may be zero or negative.
type walk struct {
	dims         []int
	to, from     []int
	toAt, fromAt int
}

// size is the number of positions.
func (w walk) size() int {
	n := 1
	for _, d := range w.dims {
		n *= d
	}
	return n
}

// collapsed drops axes of size 1 and merges adjacent axes that are evenly spaced in both arrays.
func (w walk) collapsed() walk {
	n := len(w.dims)
	all := make([]int, 3*n)
	c := walk{all[:0:n], all[n : n : 2*n], all[2*n : 2*n], w.toAt, w.fromAt}
	for i, d := range w.dims {
		if d == 1 {
			continue
		}
		last := len(c.dims) - 1
		if last >= 0 && c.to[last] == w.to[i]*d && c.from[last] == w.from[i]*d {
			c.dims[last] *= d
			c.to[last], c.from[last] = w.to[i], w.from[i]
			continue
		}
		c.dims = append(c.dims, d)
		c.to = append(c.to, w.to[i])
		c.from = append(c.from, w.from[i])
	}
	return c
}

// moved adds to the offsets.
func (w walk) moved(to, from int) walk {
	w.toAt += to
	w.fromAt += from
	return w
}

// part is the part of the walk whose index on the axis is in [lo, hi).
func (w walk) part(axis, lo, hi int) walk {
	w.dims = slices.Clone(w.dims)
	w.dims[axis] = hi - lo
	return w.moved(lo*w.to[axis], lo*w.from[axis])
}

// inner is the last axis, which must exist: its dimension and strides.
func (w walk) inner() (n, to, from int) {
	last := len(w.dims) - 1
	return w.dims[last], w.to[last], w.from[last]
}

// outer is the walk with the last axis fixed at index 0.
func (w walk) outer() walk {
	last := len(w.dims) - 1
	w.dims, w.to, w.from = w.dims[:last], w.to[:last], w.from[:last]
	return w
}

// without is the walk with an axis fixed at an index.
func (w walk) without(axis int) walk {
	drop := func(values []int) []int { return slices.Delete(slices.Clone(values), axis, axis+1) }
	w.dims, w.to, w.from = drop(w.dims), drop(w.to), drop(w.from)
	return w
}

// run is the number of elements of a collapsed walk that is one contiguous run in both arrays, and
// 0 for any other.
func (w walk) run() int {
	switch {
	case len(w.dims) == 0:
		return 1
	case len(w.dims) == 1 && w.to[0] == 1 && w.from[0] == 1:
		return w.dims[0]
	}
	return 0
}

// each visits every position.
func (w walk) each(visit func(to, from int)) {
	if len(w.dims) == 0 {
		visit(w.toAt, w.fromAt)
		return
	}
	w.loop(0, w.toAt, w.fromAt, visit)
}

func (w walk) loop(axis, to, from int, visit func(to, from int)) {
	last := axis == len(w.dims)-1
	for range w.dims[axis] {
		if last {
			visit(to, from)
		} else {
			w.loop(axis+1, to, from, visit)
		}
		to += w.to[axis]
		from += w.from[axis]
	}
}

// grain is the granularity of cuts along long axes: a cache line of the smallest elements that
// matter, and the block of a transposition.
const grain = 16

// cut divides a walk with at least one axis into at most n parts along one axis: the outermost that
// is long enough, or else the longest.
func (w walk) cut(n int) []walk {
	axis := 0
	for i, d := range w.dims {
		if d >= n {
			axis = i
			break
		}
		if d > w.dims[axis] {
			axis = i
		}
	}
	d := w.dims[axis]
	step := (d + n - 1) / n
	if step >= grain {
		step = (step + grain - 1) / grain * grain
	}
	var parts []walk
	for lo := 0; lo < d; lo += step {
		parts = append(parts, w.part(axis, lo, min(lo+step, d)))
	}
	return parts
}

// strides are those of a row-major array, in elements.
func strides(dims []int) []int {
	s := make([]int, len(dims))
	n := 1
	for i := len(dims) - 1; i >= 0; i-- {
		s[i] = n
		n *= dims[i]
	}
	return s
}
