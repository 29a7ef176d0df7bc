package conv

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// A Plan is a convolution of given shapes, ready to run. It is immutable, so any number of
// goroutines may run it.
type Plan struct {
	g         *geometry
	pieces    []piece
	inputSize int       // elements
	edges     *edges    // padding applied first; nil: none
	scatter   *scatter  // run instead; nil: none
	exchange  *exchange // run instead if the kernel is row-major; nil: none
}

// New plans a convolution. The arguments are those of ConvGeneral, both groups at least 1.
// Mismatched shapes, types other than float32 and more than three spatial axes are errors.
func New(input, kernel shapes.Shape, axes compute.ConvolveAxesConfig, strides []int, paddings [][2]int,
	inputDilations, kernelDilations []int, channelGroups, batchGroups int) (*Plan, error) {
	g, err := newGeometry(input, kernel, axes, strides, paddings, inputDilations, kernelDilations, channelGroups, batchGroups)
	if err != nil {
		return nil, err
	}
	p := &Plan{g: g, inputSize: g.inputSize}
	var lists [spatials][]segment
	for i, s := range g.spatial {
		lists[i] = s.segments()
	}
	for _, a := range lists[0] {
		for _, b := range lists[1] {
			for _, c := range lists[2] {
				p.pieces = append(p.pieces, g.piece([spatials]segment{a, b, c}))
			}
		}
	}
	if d := newEdges(input, axes, paddings, inputDilations); d != nil && g.groups == 1 {
		if q := p.withEdges(d, input, kernel, axes, strides, kernelDilations); q != nil {
			return q, nil
		}
	}
	p.exchange, p.scatter = newExchange(input, kernel, g, axes), newScatter(g)
	return p, nil
}

// Flops is the number of additions and multiplications of a run, without those for the zeros of a
// dilated input and most of those for wide padding.
func (p *Plan) Flops() float64 {
	sum := 0.0
	for _, piece := range p.pieces {
		sum += 2 * float64(piece.rows) * float64(piece.depth)
	}
	return sum * float64(p.g.out) * float64(p.g.groups)
}

// Scratch is the number of elements of scratch memory of a run, up to a small constant.
func (p *Plan) Scratch() int {
	switch {
	case p.edges != nil:
		return p.g.inputSize
	case p.exchange != nil:
		return p.exchange.outputs + p.exchange.plan.Scratch()
	}
	return 0
}

// Fuses reports whether [Plan.Run] accepts a [Finish]: whether output values that are finished
// together are contiguous, and enough of them to be worth a call.
func (p *Plan) Fuses() bool {
	return p.g.outChannel == 1 && p.g.out > few && len(p.pieces) == 1 && p.exchange == nil && p.scatter == nil
}

// Run convolves the row-major input with a kernel of the plan's shape and overwrites out,
// row-major, which must overlap neither. finish is nil, or called for all values of out. Run panics
// if memory does not have the plan's sizes, or if finish is given although the plan does not fuse.
func (p *Plan) Run(e *Engine, out, input []float32, kernel View, finish Finish) {
	g := p.g
	if len(input) < p.inputSize || len(out) < g.outputSize {
		panic(fmt.Sprintf("conv: %d and %d elements for an input of %d and an output of %d", len(input), len(out), p.inputSize, g.outputSize))
	}
	if finish != nil && !p.Fuses() {
		panic("conv: a finish for channels that are not neighbours")
	}
	if kernel.Strides == nil {
		kernel.Strides = rowMajor(g.kernel)
	}
	g.checkKernel(kernel)
	if p.exchange != nil && slices.Equal(kernel.Strides, rowMajor(g.kernel)) {
		p.exchange.run(e, out, input, kernel.Data[kernel.Offset:])
		return
	}
	if p.edges != nil {
		padded := e.take(g.inputSize)
		defer e.give(padded)
		p.edges.copy(e, padded, input[:p.inputSize])
		input = padded
	}
	r := &run{g, e, out, input, kernel, finish}
	if p.scatter != nil {
		p.scatter.run(r)
		return
	}
	for i := range p.pieces {
		r.piece(&p.pieces[i])
	}
}

// checkKernel panics if an element of the kernel lies outside its memory.
func (g *geometry) checkKernel(v View) {
	if len(v.Strides) != len(g.kernel) {
		panic(fmt.Sprintf("conv: strides %v for a kernel of %v", v.Strides, g.kernel))
	}
	least, greatest := v.Offset, v.Offset
	for i, n := range g.kernel {
		if n == 0 {
			return
		}
		least += min(0, (n-1)*v.Strides[i])
		greatest += max(0, (n-1)*v.Strides[i])
	}
	if least < 0 || greatest >= len(v.Data) {
		panic(fmt.Sprintf("conv: a kernel of %v with strides %v at %d in %d elements", g.kernel, v.Strides, v.Offset, len(v.Data)))
	}
}
