package conv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// An exchange is a convolution with input and kernel swapped, which reverses the result along its
// spatial axes: output t of an input dilated by d reads tap k at q where t+k = d*q+before, so
// output size-1-t reads q, of an input that is dilated as a kernel, at k.
type exchange struct {
	plan    *Plan
	output  []int  // dimensions
	turned  []bool // axes
	outputs int    // elements
}

// newExchange returns the exchange for the kernel gradient of a transposed convolution to few
// channels, or nil. There the kernel is a picture of few channels: too few to be columns of a
// product, but together with the taps enough to be rows.
func newExchange(input, kernel shapes.Shape, g *geometry, axes compute.ConvolveAxesConfig) *exchange {
	rank := input.Rank()
	if g.groups != 1 || g.out > thin || axes.KernelOutputChannels != rank-1 || g.outputSize == 0 || g.outputSize > 1<<16 || g.inputSize < 1<<14 {
		return nil
	}
	x := &exchange{output: make([]int, rank), turned: make([]bool, rank), outputs: g.outputSize}
	x.output[axes.OutputBatch], x.output[axes.OutputChannels] = g.batch, g.out
	n := rank - 2
	paddings, dilations := make([][2]int, n), make([]int, n)
	for i := range n {
		s := g.spatial[spatials-n+i]
		if s.stride != 1 || s.kernelDilation != 1 || s.inputDilation < 2 {
			return nil
		}
		before := s.out - 1 - s.before
		paddings[i] = [2]int{before, s.out - s.taps - before + (s.in-1)*s.inputDilation}
		dilations[i] = s.inputDilation
		x.output[axes.OutputSpatial[i]], x.turned[axes.OutputSpatial[i]] = s.out, true
	}
	plan, err := New(kernel, input, compute.ConvolveAxesConfig{
		InputBatch: axes.KernelOutputChannels, InputChannels: axes.KernelInputChannels, InputSpatial: axes.KernelSpatial,
		KernelInputChannels: axes.InputChannels, KernelOutputChannels: axes.InputBatch, KernelSpatial: axes.InputSpatial,
		OutputBatch: axes.OutputChannels, OutputChannels: axes.OutputBatch, OutputSpatial: axes.OutputSpatial,
	}, slices.Repeat([]int{1}, n), paddings, nil, dilations, 1, 1)
	if err != nil || plan.g.outputSize != g.outputSize {
		return nil
	}
	x.plan = plan
	return x
}

// run computes the convolution with a row-major kernel.
func (x *exchange) run(e *Engine, out, input, kernel []float32) {
	turned := e.take(x.outputs)
	defer e.give(turned)
	x.plan.Run(e, turned, kernel, View{Data: input}, nil)
	x.turn(out[:x.outputs], turned, 0)
}

// turn writes a part of the output, at one index of the preceding axes.
func (x *exchange) turn(dst, src []float32, axis int) {
	if axis == len(x.output) {
		dst[0] = src[0]
		return
	}
	n := x.output[axis]
	size := len(dst) / n
	for i := range n {
		from := i
		if x.turned[axis] {
			from = n - 1 - i
		}
		x.turn(dst[i*size:(i+1)*size], src[from*size:(from+1)*size], axis+1)
	}
}
