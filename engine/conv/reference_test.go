package conv

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"
)

// A call is a ConvGeneral with its arguments.
type call struct {
	input, kernel                   []int
	axes                            compute.ConvolveAxesConfig
	strides                         []int
	paddings                        [][2]int
	inputDilations, kernelDilations []int
	channelGroups, batchGroups      int
}

func (c call) plan() (*Plan, error) {
	return New(shapes.Make(dtypes.Float32, c.input...), shapes.Make(dtypes.Float32, c.kernel...), c.axes,
		c.strides, c.paddings, c.inputDilations, c.kernelDilations, c.channelGroups, c.batchGroups)
}

// output returns the dimensions of the result.
func (c call) output() []int {
	d := make([]int, len(c.input))
	d[c.axes.OutputBatch] = c.input[c.axes.InputBatch] / c.batchGroups
	d[c.axes.OutputChannels] = c.kernel[c.axes.KernelOutputChannels]
	for i, axis := range c.axes.OutputSpatial {
		padded := (c.input[c.axes.InputSpatial[i]]-1)*c.inputDilations[i] + 1 + c.paddings[i][0] + c.paddings[i][1]
		d[axis] = (padded-(c.kernel[c.axes.KernelSpatial[i]]-1)*c.kernelDilations[i]-1)/c.strides[i] + 1
	}
	return d
}

// walk calls f with every index of a tensor.
func walk(dimensions []int, f func(at int, index []int)) {
	index := make([]int, len(dimensions))
	for at := range count(dimensions) {
		rest := at
		for i := len(dimensions) - 1; i >= 0; i-- {
			index[i] = rest % dimensions[i]
			rest /= dimensions[i]
		}
		f(at, index)
	}
}

func count(dimensions []int) int {
	n := 1
	for _, d := range dimensions {
		n *= d
	}
	return n
}

func flat(dimensions, index []int) int {
	at := 0
	for i, d := range dimensions {
		at = at*d + index[i]
	}
	return at
}

// define computes the convolution as it is defined, and for each result the sum of
// the sizes of what is added.
func (c call) define(input, kernel []float32) (sums, sizes []float64) {
	output := c.output()
	sums, sizes = make([]float64, count(output)), make([]float64, count(output))
	outs := c.kernel[c.axes.KernelOutputChannels]
	walk(output, func(o int, to []int) {
		channel := to[c.axes.OutputChannels]
		walk(c.kernel, func(k int, tap []int) {
			if tap[c.axes.KernelOutputChannels] != channel {
				return
			}
			from := make([]int, len(c.input))
			from[c.axes.InputBatch] = to[c.axes.OutputBatch] + channel/(outs/c.batchGroups)*output[c.axes.OutputBatch]
			from[c.axes.InputChannels] = tap[c.axes.KernelInputChannels] +
				channel/(outs/c.channelGroups)*c.kernel[c.axes.KernelInputChannels]
			for i, axis := range c.axes.InputSpatial {
				at := to[c.axes.OutputSpatial[i]]*c.strides[i] + tap[c.axes.KernelSpatial[i]]*c.kernelDilations[i] - c.paddings[i][0]
				if at < 0 || at%c.inputDilations[i] != 0 || at/c.inputDilations[i] >= c.input[axis] {
					return
				}
				from[axis] = at / c.inputDilations[i]
			}
			x := float64(input[flat(c.input, from)]) * float64(kernel[k])
			sums[o] += x
			sizes[o] += math.Abs(x)
		})
	})
	return sums, sizes
}

// permutation draws an order of axes, as a configuration has them.
func permutation(t *rapid.T, name string, rank int) (a, b int, rest []int) {
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = i
	}
	if rapid.Bool().Draw(t, name+" usual") {
		return 0, rank - 1, axes[1 : rank-1]
	}
	p := rapid.Permutation(axes).Draw(t, name)
	return p[0], p[1], p[2:]
}

// draw draws a convolution that fits.
func draw(t *rapid.T) call {
	n := rapid.IntRange(1, spatials).Draw(t, "spatial axes")
	c := call{input: make([]int, n+2), kernel: make([]int, n+2), channelGroups: 1, batchGroups: 1}
	a := &c.axes
	a.InputBatch, a.InputChannels, a.InputSpatial = permutation(t, "input", n+2)
	a.KernelInputChannels, a.KernelOutputChannels, a.KernelSpatial = permutation(t, "kernel", n+2)
	a.OutputBatch, a.OutputChannels, a.OutputSpatial = permutation(t, "output", n+2)
	groups := rapid.IntRange(1, 3).Draw(t, "groups")
	channels := func(name string) int {
		return rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 13, 16, 33}).Draw(t, name)
	}
	batch, in, out := rapid.IntRange(0, 3).Draw(t, "batch"), channels("in"), channels("out")*groups
	c.kernel[a.KernelInputChannels], c.kernel[a.KernelOutputChannels] = in, out
	switch {
	case rapid.Bool().Draw(t, "grouped batch"):
		c.batchGroups = groups
		batch *= groups
	default:
		c.channelGroups = groups
		in *= groups
	}
	c.input[a.InputBatch], c.input[a.InputChannels] = batch, in
	for i := range n {
		side, taps := rapid.IntRange(0, 8-2*n+2).Draw(t, "side"), rapid.IntRange(0, 5).Draw(t, "taps")
		from, by := rapid.IntRange(1, 4).Draw(t, "input dilation"), rapid.IntRange(1, 3).Draw(t, "kernel dilation")
		before, after := rapid.IntRange(-2, 4).Draw(t, "before"), rapid.IntRange(-2, 4).Draw(t, "after")
		after += max(0, (taps-1)*by-(side-1)*from-before-after)
		c.input[a.InputSpatial[i]], c.kernel[a.KernelSpatial[i]] = side, taps
		c.inputDilations, c.kernelDilations = append(c.inputDilations, from), append(c.kernelDilations, by)
		c.paddings = append(c.paddings, [2]int{before, after})
		c.strides = append(c.strides, rapid.IntRange(1, 3).Draw(t, "stride"))
	}
	return c
}

// values returns n numbers that look random.
func values(seed uint64, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		seed = seed*6364136223846793005 + 1442695040888963407
		v[i] = float32(int32(seed>>32)) / (1 << 31)
	}
	return v
}
