package layout

import (
	"slices"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

// ScatterAxes assigns axes for a scatter; see compute's ScatterSum and StableHLO's scatter.
type ScatterAxes struct {
	IndexVector      int   // axis of the indices that holds a vector; equal to their rank: each index is a vector of one
	UpdateWindow     []int // axes of the updates that index into a window
	InsertedWindow   []int // axes of the operand missing in windows, which have size 1 there
	ScatterToOperand []int // axis of the operand for each component of a vector
}

// ScatterSum adds windows of updates to the operand, each at its index vector. Updates outside the
// operand are dropped. Updates of one element are applied in index order, whatever the number of
// threads; 16-bit floats are summed as float32 and rounded at the end. Out may share memory with
// the operand.
func ScatterSum(pool *threads.Pool, out, operand, indices, updates tensor.Tensor, axes ScatterAxes) {
	scatter(pool, sum, out, operand, indices, updates, axes)
}

// ScatterMax is [ScatterSum] with the maximum in place of the sum; NaN is larger than everything.
func ScatterMax(pool *threads.Pool, out, operand, indices, updates tensor.Tensor, axes ScatterAxes) {
	scatter(pool, largest, out, operand, indices, updates, axes)
}

// ScatterMin is [ScatterSum] with the minimum in place of the sum; NaN is smaller than everything.
func ScatterMin(pool *threads.Pool, out, operand, indices, updates tensor.Tensor, axes ScatterAxes) {
	scatter(pool, smallest, out, operand, indices, updates, axes)
}

// A scattering is the state of a scatter.
type scattering[T any] struct {
	vectors
	places       walk // to is in the updates, from in the indices
	window       walk // over one window: every axis of out; to is in out, from in the updates
	dims         []int
	out, updates []T
	combine      combine[T]
}

// scatterWith combines updates into out, which holds the operand.
func scatterWith[T any](pool *threads.Pool, f combine[T], out, indices, updates tensor.Tensor, axes ScatterAxes) {
	batch := rest(updates.Shape.Rank(), axes.UpdateWindow)
	places, v := pair(updates, batch, indices, axes.IndexVector, axes.ScatterToOperand)
	s := &scattering[T]{
		vectors: v,
		places:  places,
		window:  axes.window(out, updates),
		dims:    out.Shape.Dimensions,
		out:     tensor.As[T](out.Bytes),
		updates: tensor.As[T](updates.Bytes),
		combine: f,
	}
	boxes := s.boxes(parts(pool, len(updates.Bytes)))
	pool.Run(len(boxes), func(_, i int) { s.all(boxes[i]) })
}

// window walks over one window.
func (a ScatterAxes) window(out, updates tensor.Tensor) walk {
	rank := out.Shape.Rank()
	w := walk{dims: make([]int, rank), to: strides(out.Shape.Dimensions), from: make([]int, rank)}
	for _, axis := range a.InsertedWindow {
		w.dims[axis] = 1
	}
	from := strides(updates.Shape.Dimensions)
	for i, axis := range rest(rank, a.InsertedWindow) {
		w.dims[axis] = updates.Shape.Dimensions[a.UpdateWindow[i]]
		w.from[axis] = from[a.UpdateWindow[i]]
	}
	return w
}

// A box is the part of out whose index on each axis is in [low, high).
type box struct{ low, high []int }

// page is the distance, in elements, beyond which hardware prefetching of one processor does not
// interfere with writes of another.
const page = 1024

// boxes divides out into at most n boxes along one axis. Best is an axis that no index moves along,
// if it is long enough: there every window has a share in each box. Otherwise a box skips what
// belongs to the others.
func (s *scattering[T]) boxes(n int) []box {
	axis, longest := -1, 0
	for i, d := range s.dims {
		if d >= n*page && !slices.Contains(s.axes, i) {
			axis, longest = i, d
			break
		}
		if d > longest {
			axis, longest = i, d
		}
	}
	n = max(1, min(n, longest/grain))
	boxes := make([]box, n)
	for i := range boxes {
		boxes[i] = box{make([]int, len(s.dims)), slices.Clone(s.dims)}
		if n > 1 {
			boxes[i].low[axis] = longest * i / n
			boxes[i].high[axis] = longest * (i + 1) / n
		}
	}
	return boxes
}

// all applies every update inside the box.
func (s *scattering[T]) all(b box) {
	window := s.window
	for axis, d := range window.dims {
		if !slices.Contains(s.axes, axis) { // windows start at 0 for every vector
			lo := min(b.low[axis], d)
			window = window.part(axis, lo, min(b.high[axis], d))
		}
	}
	if window.size() == 0 {
		return
	}
	whole := window.collapsed()
	run := whole.run()
	s.places.each(func(update, vector int) {
		at, inside := 0, true
		for k, a := range s.axes {
			i := s.indices[vector+k*s.step]
			d := window.dims[a]
			if i >= b.high[a] || i <= b.low[a]-d {
				return
			}
			inside = inside && b.low[a] <= i && i <= b.high[a]-d
			at += i * window.to[a]
		}
		if inside && run > 0 {
			at, update = at+whole.toAt, update+whole.fromAt
			s.combine(s.out[at:at+run], s.updates[update:update+run])
		} else if inside {
			s.apply(whole.moved(at, update))
		} else {
			s.apply(s.clip(window, b, vector).collapsed().moved(0, update))
		}
	})
}

// clip is the part of the window at a vector that lies in the box, which is not empty.
func (s *scattering[T]) clip(window walk, b box, vector int) walk {
	for k, a := range s.axes {
		i := s.indices[vector+k*s.step]
		lo, hi := max(0, b.low[a]-i), min(window.dims[a], b.high[a]-i)
		window = window.part(a, lo, hi).moved(i*window.to[a], 0)
	}
	return window
}

// apply combines the updates of a collapsed walk into out.
func (s *scattering[T]) apply(w walk) {
	if n := w.run(); n > 0 {
		s.combine(s.out[w.toAt:w.toAt+n], s.updates[w.fromAt:w.fromAt+n])
		return
	}
	n, toStep, fromStep := w.inner()
	w.outer().each(func(t, f int) {
		if toStep == 1 && fromStep == 1 {
			s.combine(s.out[t:t+n], s.updates[f:f+n])
			return
		}
		for range n {
			s.combine(s.out[t:t+1], s.updates[f:f+1])
			t += toStep
			f += fromStep
		}
	})
}
