// Package window slides windows over tensors: pooling and its gradient. The
// semantics are those of github.com/gomlx/compute's ReduceWindow and
// SelectAndScatter.
//
// Every function fills the whole of its out, which must have the right shape and
// share no memory with what it reads.
package window

import (
	"atelier/engine/threads"

	"github.com/gomlx/compute/shapes"
)

// A Window gives the sizes and positions of windows. Each field has an entry per axis, or is nil.
type Window struct {
	Dims            []int    // elements of a window; nil: 1
	Strides         []int    // from one window to the next; nil: as Dims, so that windows touch
	InputDilations  []int    // from an element of the input to its next; nil: 1
	WindowDilations []int    // from an element of a window to its next; nil: 1
	Paddings        [][2]int // places before the first element and after the last; nil: 0
}

// An axis is one along which windows lie.
type axis struct {
	out      int // number of windows
	step     int // from one window to the next in the output, in elements
	disjoint bool
	taps     []int // positions in the input of each window's elements, window by window
	ends     []int // where the taps of each window end
}

// windows are all windows over an input. Trailing axes with windows of size 1 are treated as
// channels: a window has as many elements as it has taps, each a run of channels.
type windows struct {
	axes     []axis
	channels int
}

// lay positions the windows over an input.
func (w Window) lay(in, out shapes.Shape) windows {
	rank := in.Rank()
	last := rank
	g := windows{channels: 1}
	for last > 0 && w.plain(last-1) {
		last--
		g.channels *= in.Dimensions[last]
	}
	g.axes = make([]axis, last)
	inStep, outStep := g.channels, g.channels
	for i := last - 1; i >= 0; i-- {
		g.axes[i] = w.axis(i, in.Dimensions[i], out.Dimensions[i], inStep, outStep)
		inStep *= in.Dimensions[i]
		outStep *= out.Dimensions[i]
	}
	return g
}

// axis positions the windows along one axis.
func (w Window) axis(i, in, out, inStep, outStep int) axis {
	size, dilation := at(w.Dims, i, 1), at(w.WindowDilations, i, 1)
	stride, holes := at(w.Strides, i, size), at(w.InputDilations, i, 1)
	a := axis{out: out, step: outStep, disjoint: (size-1)*dilation < stride}
	for o := range out {
		for k := range size {
			p := o*stride + k*dilation
			if w.Paddings != nil {
				p -= w.Paddings[i][0]
			}
			if p >= 0 && p%holes == 0 && p/holes < in {
				a.taps = append(a.taps, p/holes*inStep)
			}
		}
		a.ends = append(a.ends, len(a.taps))
	}
	return a
}

// plain reports whether each window is just its own element, along an axis.
func (w Window) plain(i int) bool {
	padded := w.Paddings != nil && w.Paddings[i] != [2]int{}
	return at(w.Dims, i, 1) == 1 && at(w.Strides, i, 1) == 1 && at(w.InputDilations, i, 1) == 1 && !padded
}

// at is an entry of a list that may be nil.
func at(list []int, i, missing int) int {
	if list == nil {
		return missing
	}
	return list[i]
}

// window returns the positions of the elements of window o.
func (a axis) window(o int) []int {
	if o == 0 {
		return a.taps[:a.ends[0]]
	}
	return a.taps[a.ends[o-1]:a.ends[o]]
}

// A share is the part of the windows that one task processes: those in [lo, hi) along an axis. The
// channels follow the axes.
type share struct {
	windows
	axis, lo, hi int
	taps         [][]int // scratch: for each axis, the taps as far as it
}

// serial is the number of taps times channels below which a second thread does not pay off.
const serial = 8 << 10

// wide is the smallest number of channels that is worth a task.
const wide = 16

// A visitor processes one window: the position of its result in the output, the positions of its
// elements in the input, and the range of channels wanted.
type visitor func(out int, taps []int, low, high int)

// each visits every window. Tasks divide the windows along an axis, if allowed, or the channels;
// each has its own visitor.
func (g windows) each(pool *threads.Pool, divisible func(axis) bool, newVisitor func() visitor) {
	work := g.channels
	for _, a := range g.axes {
		work *= max(a.out, len(a.taps))
	}
	n := 1
	if pool.Size() > 1 && work >= serial {
		n = min(2*pool.Size(), work/(serial/2))
	}
	best, longest := len(g.axes), g.channels/wide
	for i, a := range g.axes {
		if divisible(a) && a.out > longest {
			best, longest = i, a.out
		}
		if best == i && longest >= n {
			break
		}
	}
	n = max(1, min(n, longest))
	length := g.channels
	if best < len(g.axes) {
		length = g.axes[best].out
	}
	pool.Run(n, func(_, i int) {
		s := share{windows: g, axis: best, lo: length * i / n, hi: length * (i + 1) / n, taps: make([][]int, len(g.axes))}
		s.walk(0, 0, []int{0}, newVisitor())
	})
}

// walk visits the windows whose taps along the first axes are given.
func (s *share) walk(i, out int, taps []int, visit visitor) {
	if i == len(s.axes) {
		if s.axis == i {
			visit(out, taps, s.lo, s.hi)
		} else {
			visit(out, taps, 0, s.channels)
		}
		return
	}
	a := s.axes[i]
	lo, hi := 0, a.out
	if s.axis == i {
		lo, hi = s.lo, s.hi
	}
	for o := lo; o < hi; o++ {
		next := s.taps[i][:0]
		for _, t := range taps {
			for _, k := range a.window(o) {
				next = append(next, t+k)
			}
		}
		s.taps[i] = next
		s.walk(i+1, out+o*a.step, next, visit)
	}
}
