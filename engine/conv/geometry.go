package conv

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"
)

// spatials is the number of spatial axes; missing ones have size 1.
const spatials = 3

// A spatial is one spatial axis. Output o reads tap k at position (o*stride + k*kernelDilation -
// before) / inputDilation of the input, if that is a whole number and within it.
type spatial struct {
	in, taps, out                   int // sizes
	stride, before                  int
	inputDilation, kernelDilation   int
	inStride, outStride, kernelAxis int // strides in memory; kernelAxis is -1 if the kernel lacks the axis
}

// A geometry is the shape of a convolution. Strides are in memory.
type geometry struct {
	batch, groups         int // the batch is that of the output
	in, out               int // channels per group
	inBatch, outBatch     int // strides
	inChannel, outChannel int // strides
	inGroup               int // stride between groups
	kernelIn, kernelOut   int // axes
	spatial               [spatials]spatial

	inputSize, outputSize int
	kernel                []int // dimensions
}

// newGeometry validates and normalizes the arguments of a ConvGeneral.
func newGeometry(input, kernel shapes.Shape, axes compute.ConvolveAxesConfig, strides []int, paddings [][2]int,
	inputDilations, kernelDilations []int, channelGroups, batchGroups int) (*geometry, error) {
	rank := input.Rank()
	if input.DType != dtypes.Float32 || kernel.DType != dtypes.Float32 {
		return nil, fmt.Errorf("convolution of %s with %s: only float32 is done here", input, kernel)
	}
	if rank < 3 || rank > 2+spatials {
		return nil, fmt.Errorf("convolution of %s with %s: want one to %d spatial axes", input, kernel, spatials)
	}
	for _, axis := range []int{axes.InputBatch, axes.InputChannels, axes.KernelInputChannels, axes.KernelOutputChannels, axes.OutputBatch, axes.OutputChannels} {
		if axis < 0 || axis >= rank {
			return nil, fmt.Errorf("convolution of %s with %s: no axis %d", input, kernel, axis)
		}
	}
	output, err := shapeinference.ConvGeneral(input, kernel, axes, strides, paddings, inputDilations, kernelDilations, channelGroups, batchGroups)
	if err != nil {
		return nil, err
	}
	for _, size := range append(append([]int{}, input.Dimensions...), kernel.Dimensions...) {
		if size < 0 {
			return nil, fmt.Errorf("convolution of %s with %s: sizes must be known", input, kernel)
		}
	}
	in, out := rowMajor(input.Dimensions), rowMajor(output.Dimensions)
	g := &geometry{
		batch: output.Dimensions[axes.OutputBatch], groups: channelGroups * batchGroups,
		in: kernel.Dimensions[axes.KernelInputChannels], out: kernel.Dimensions[axes.KernelOutputChannels] / (channelGroups * batchGroups),
		inBatch: in[axes.InputBatch], outBatch: out[axes.OutputBatch],
		inChannel: in[axes.InputChannels], outChannel: out[axes.OutputChannels],
		kernelIn: axes.KernelInputChannels, kernelOut: axes.KernelOutputChannels,
		inputSize: input.Size(), outputSize: output.Size(), kernel: append([]int{}, kernel.Dimensions...),
	}
	g.inGroup = g.in * g.inChannel
	if batchGroups > 1 {
		g.inGroup = g.batch * g.inBatch
	}
	missing := spatials - (rank - 2)
	for i := range g.spatial {
		g.spatial[i] = spatial{in: 1, taps: 1, out: 1, stride: 1, inputDilation: 1, kernelDilation: 1, kernelAxis: -1}
		n := i - missing
		if n < 0 {
			continue
		}
		s := &g.spatial[i]
		s.in, s.inStride = input.Dimensions[axes.InputSpatial[n]], in[axes.InputSpatial[n]]
		s.taps, s.kernelAxis = kernel.Dimensions[axes.KernelSpatial[n]], axes.KernelSpatial[n]
		s.out, s.outStride = output.Dimensions[axes.OutputSpatial[n]], out[axes.OutputSpatial[n]]
		s.stride, s.inputDilation, s.kernelDilation = at(strides, n), at(inputDilations, n), at(kernelDilations, n)
		if len(paddings) > 0 {
			s.before = paddings[n][0]
		}
	}
	return g, nil
}

// at is element i of a list; an empty list stands for ones.
func at(list []int, i int) int {
	if len(list) == 0 {
		return 1
	}
	return list[i]
}

// rowMajor returns the strides of row-major memory.
func rowMajor(dimensions []int) []int {
	strides := make([]int, len(dimensions))
	stride := 1
	for i := len(dimensions) - 1; i >= 0; i-- {
		strides[i] = stride
		stride *= dimensions[i]
	}
	return strides
}
