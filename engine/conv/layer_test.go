package conv

import "github.com/gomlx/compute"

// usual are axes [batch, spatial, spatial, channels] and a kernel of [spatial,
// spatial, in, out].
var usual = compute.ConvolveAxesConfig{
	InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2},
	KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
	OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2},
}

func (l layer) result() int { return (l.side+2*l.padding-l.size)/l.stride + 1 }

// square is a convolution with the same along both axes.
func square(input, kernel []int, axes compute.ConvolveAxesConfig, stride int, padding [2]int, inputDilation, kernelDilation int) call {
	both := func(n int) []int { return []int{n, n} }
	return call{input, kernel, axes, both(stride), [][2]int{padding, padding}, both(inputDilation), both(kernelDilation), 1, 1}
}

// forward is the layer's convolution.
func (l layer) forward() call {
	return square([]int{l.batch, l.side, l.side, l.in}, []int{l.size, l.size, l.in, l.out}, usual,
		l.stride, [2]int{l.padding, l.padding}, 1, 1)
}

// rest is how many pixels at the end no tap meets.
func (l layer) rest() int { return l.side + 2*l.padding - l.size - (l.result()-1)*l.stride }

// inputGradient is the convolution of the result's gradient with the reversed
// kernel, whose in and out are exchanged.
func (l layer) inputGradient() call {
	axes := usual
	axes.KernelInputChannels, axes.KernelOutputChannels = 3, 2
	before := l.size - 1 - l.padding
	return square([]int{l.batch, l.result(), l.result(), l.out}, []int{l.size, l.size, l.in, l.out}, axes,
		1, [2]int{before, before + l.rest()}, l.stride, 1)
}

// kernelGradient is the convolution of the input with the result's gradient, batch
// and channels exchanged.
func (l layer) kernelGradient() call {
	axes := compute.ConvolveAxesConfig{
		InputBatch: 3, InputChannels: 0, InputSpatial: []int{1, 2},
		KernelInputChannels: 0, KernelOutputChannels: 3, KernelSpatial: []int{1, 2},
		OutputBatch: 2, OutputChannels: 3, OutputSpatial: []int{0, 1},
	}
	return square([]int{l.batch, l.side, l.side, l.in}, []int{l.batch, l.result(), l.result(), l.out}, axes,
		1, [2]int{l.padding, l.padding - l.rest()}, 1, l.stride)
}

// transposedKernelGradient is the kernel gradient of the transposed convolution
// that the layer's input gradient is when it goes forward: the convolution of its
// input with the gradient of its result.
func (l layer) transposedKernelGradient() call {
	axes := compute.ConvolveAxesConfig{
		InputBatch: 3, InputChannels: 0, InputSpatial: []int{1, 2},
		KernelInputChannels: 0, KernelOutputChannels: 3, KernelSpatial: []int{1, 2},
		OutputBatch: 2, OutputChannels: 3, OutputSpatial: []int{0, 1},
	}
	before := l.size - 1 - l.padding
	return square([]int{l.batch, l.result(), l.result(), l.out}, []int{l.batch, l.side, l.side, l.in}, axes,
		1, [2]int{before, before + l.rest()}, l.stride, 1)
}
