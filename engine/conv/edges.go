package conv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// thin is the number of channels below which a picture is copied with its padding before it is
// convolved: then each row under the kernel is contiguous.
const thin = 4

// edges is explicit zero padding of a tensor.
type edges struct {
	from, to, before []int // dimensions without and with padding, and zeros before
	last             int   // the last padded axis
}

// newEdges returns the padding to apply, or nil: it is used for pictures of few channels with
// narrow padding, where the copy is cheap.
func newEdges(input shapes.Shape, axes compute.ConvolveAxesConfig, paddings [][2]int, inputDilations []int) *edges {
	rank := input.Rank()
	if input.Size() == 0 || len(paddings) == 0 || slices.Contains(axes.InputSpatial, rank-1) || input.Dimensions[rank-1] > thin ||
		slices.ContainsFunc(inputDilations, func(d int) bool { return d != 1 }) {
		return nil
	}
	d := &edges{from: input.Dimensions, to: slices.Clone(input.Dimensions), before: make([]int, rank), last: -1}
	for i, axis := range axes.InputSpatial {
		before, after := paddings[i][0], paddings[i][1]
		if before < 0 || after < 0 || 4*(before+after) > d.from[axis] {
			return nil
		}
		d.to[axis] += before + after
		d.before[axis] = before
		if before+after > 0 {
			d.last = max(d.last, axis)
		}
	}
	if d.last < 0 {
		return nil
	}
	return d
}

// withEdges returns the plan for the padded tensor, or nil if it would change the summation order.
func (p *Plan) withEdges(d *edges, input, kernel shapes.Shape, axes compute.ConvolveAxesConfig, strides, kernelDilations []int) *Plan {
	padded := input.Clone()
	padded.Dimensions = d.to
	q, err := New(padded, kernel, axes, strides, make([][2]int, len(axes.InputSpatial)), nil, kernelDilations, 1, 1)
	if err != nil || len(q.pieces) != len(p.pieces) {
		return nil
	}
	for i := range q.pieces {
		if a, b := &q.pieces[i], &p.pieces[i]; a.rows != b.rows || a.depth != b.depth {
			return nil
		}
	}
	q.edges, q.inputSize = d, p.inputSize
	return q
}

// copy writes the padded tensor.
func (d *edges) copy(e *Engine, dst, src []float32) {
	if d.before[0] != 0 || d.to[0] != d.from[0] {
		d.fill(dst, src, 0)
		return
	}
	from, to := len(src)/d.from[0], len(dst)/d.to[0]
	e.pool.Run(d.from[0], func(_, i int) { d.fill(dst[i*to:(i+1)*to], src[i*from:(i+1)*from], 1) })
}

// fill writes the part of the tensor at one index of the preceding axes.
func (d *edges) fill(dst, src []float32, axis int) {
	from, to := len(src)/d.from[axis], len(dst)/d.to[axis]
	first, end := d.before[axis]*to, (d.before[axis]+d.from[axis])*to
	clear(dst[:first])
	clear(dst[end:])
	if axis == d.last {
		copy(dst[first:end], src)
		return
	}
	for i := range d.from[axis] {
		d.fill(dst[first+i*to:first+(i+1)*to], src[i*from:(i+1)*from], axis+1)
	}
}
