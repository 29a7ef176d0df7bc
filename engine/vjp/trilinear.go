package vjp

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
)

// A convolution relates an image, a kernel and a result. Along each axis,
//
//	result[o] = Σ image[i]·kernel[k] over all i, k where i = stride·o + dilation·k - before,
//
// and it is a sum over the image's channels too. Being linear in either factor,
// it has gradients that are the same sum over other indices. So each of the
// three is a ConvGeneral of the two others, and they are one another's gradients
// at every order.
type convolution struct {
	geometry              Geometry
	taps                  layout // of the kernel: the image's channels, the result's, space
	image, kernel, result []int  // sides
}

func (c convolution) resultOf(image, kernel *graph.Node) *graph.Node {
	y := c.general(image, kernel, [3]layout{c.pixels(), c.taps, c.pixels()}, func(i int, a Axis) pass {
		return pass{input: c.image[i], window: c.kernel[i], output: c.result[i],
			stride: a.Stride, spread: 1, dilation: a.Dilation, before: a.Before}
	})
	remember(y, func(v *graph.Node) []*graph.Node {
		return []*graph.Node{c.imageOf(v, kernel), c.kernelOf(image, v)}
	})
	return y
}

// imageOf spreads the result's pixels and flips the kernel.
func (c convolution) imageOf(result, kernel *graph.Node) *graph.Node {
	turned := graph.Reverse(kernel, c.taps.spatial...)
	x := c.general(result, turned, [3]layout{c.pixels(), c.taps.swapped(), c.pixels()}, func(i int, a Axis) pass {
		return pass{input: c.result[i], window: c.kernel[i], output: c.image[i],
			stride: 1, spread: a.Stride, dilation: a.Dilation, before: extent(c.kernel[i], a.Dilation) - 1 - a.Before}
	})
	remember(x, func(v *graph.Node) []*graph.Node {
		return []*graph.Node{c.resultOf(v, kernel), graph.Reverse(c.kernelOf(v, result), c.taps.spatial...)}
	})
	return x
}

// kernelOf slides the result, as if it were a kernel, over the image, summing over their batches.
func (c convolution) kernelOf(image, result *graph.Node) *graph.Node {
	k := c.general(image, result, [3]layout{c.pixels().swapped(), c.pixels(), c.taps}, func(i int, a Axis) pass {
		return pass{input: c.image[i], window: c.result[i], output: c.kernel[i],
			stride: a.Dilation, spread: 1, dilation: a.Stride, before: a.Before}
	})
	remember(k, func(v *graph.Node) []*graph.Node {
		return []*graph.Node{c.imageOf(result, v), c.resultOf(image, v)}
	})
	return k
}

// A layout describes the axes of a tensor: two non-spatial ones, in the order in which ConvGeneral
// names them (batch and channels, or channels in and out), and the spatial ones.
type layout struct {
	first, second int
	spatial       []int
}

func (l layout) swapped() layout { return layout{l.second, l.first, l.spatial} }

// pixels is the layout of images and of results.
func (c convolution) pixels() layout {
	n := len(c.geometry)
	return layout{0, n + 1, axes(1, n)}
}

// axes are n axes from the first on.
func axes(first, n int) []int {
	a := make([]int, n)
	for i := range a {
		a[i] = first + i
	}
	return a
}

// A pass describes a window sliding over an input along one axis: the three sides, the strides of
// the window, of the input's pixels and of the window's taps, and the zeros before the input.
type pass struct {
	input, window, output            int
	stride, spread, dilation, before int
}

// after is the padding after the input that gives the output its side; negative if the window
// ignores the last pixels.
func (p pass) after() int {
	return extent(p.output, p.stride) + extent(p.window, p.dilation) - 1 - extent(p.input, p.spread) - p.before
}

// general is the ConvGeneral of two tensors; layouts are theirs and the output's.
func (c convolution) general(input, window *graph.Node, layouts [3]layout, along func(i int, a Axis) pass) *graph.Node {
	n := len(c.geometry)
	strides, spreads, dilations, paddings := make([]int, n), make([]int, n), make([]int, n), make([][2]int, n)
	for i, a := range c.geometry {
		p := along(i, a)
		strides[i], spreads[i], dilations[i], paddings[i] = p.stride, p.spread, p.dilation, [2]int{p.before, p.after()}
	}
	in, by, out := layouts[0], layouts[1], layouts[2]
	return graph.ConvGeneral(input, window, compute.ConvolveAxesConfig{
		InputBatch: in.first, InputChannels: in.second, InputSpatial: in.spatial,
		KernelInputChannels: by.first, KernelOutputChannels: by.second, KernelSpatial: by.spatial,
		OutputBatch: out.first, OutputChannels: out.second, OutputSpatial: out.spatial,
	}, strides, paddings, spreads, dilations, 1, 1)
}
