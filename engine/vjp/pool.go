package vjp

import (
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// A Window is the pooling window along every spatial axis: its size and stride, both at least 1,
// and the padding, less than the size.
type Window struct{ Size, Stride, Padding int }

// MaxPool is max pooling of an image [batch, spatial..., channels]; padding is never the maximum.
// The gradient goes to the first of equal maxima.
//
// gomlx's own has that gradient, but none of second order.
func MaxPool(image *graph.Node, w Window) *graph.Node {
	y := w.reduce(image, compute.ReduceOpMax)
	remember(y, func(v *graph.Node) []*graph.Node {
		x := gomlxReduceWindow(y, []*graph.Node{v}, shapes.Make(v.DType()))[0] // SelectAndScatterMax of image and v
		remember(x, func(u *graph.Node) []*graph.Node { return []*graph.Node{nil, w.pick(image, u)} })
		return []*graph.Node{x}
	})
	return y
}

// MeanPool is average pooling of an image [batch, spatial..., channels]; padding counts as zeros.
//
// gomlx's own crops its gradient by a negative padding, which has no gradient.
func MeanPool(image *graph.Node, w Window) *graph.Node {
	return graph.DivScalar(w.sum(image), math.Pow(float64(w.Size), float64(image.Rank()-2)))
}

// sum is sum pooling. Its gradient spreads the values at the window's stride, with zeros between,
// and sums again.
func (w Window) sum(image *graph.Node) *graph.Node {
	y := w.reduce(image, compute.ReduceOpSum)
	remember(y, func(v *graph.Node) []*graph.Node {
		start := w.Size - 1 - w.Padding
		spread := w.pad(v, 0, func(axis int) compute.PadAxis {
			end := image.Shape().Dimensions[axis] + w.Size - 1 - extent(v.Shape().Dimensions[axis], w.Stride) - start
			return compute.PadAxis{Start: start, End: end, Interior: w.Stride - 1}
		})
		return []*graph.Node{Window{Size: w.Size, Stride: 1}.sum(spread)}
	})
	return y
}

// reduce is the ReduceWindow of an image.
func (w Window) reduce(image *graph.Node, op compute.ReduceOpType) *graph.Node {
	if image.Rank() < 3 || w.Size < 1 || w.Stride < 1 || w.Padding < 0 || w.Padding >= w.Size {
		exceptions.Panicf("pooling of an image %s by a window %+v", image.Shape(), w)
	}
	sizes, strides, paddings := make([]int, image.Rank()), make([]int, image.Rank()), make([][2]int, image.Rank())
	for axis := range sizes {
		sizes[axis], strides[axis] = 1, 1
		if axis > 0 && axis < len(sizes)-1 {
			sizes[axis], strides[axis], paddings[axis] = w.Size, w.Stride, [2]int{w.Padding, w.Padding}
		}
	}
	return graph.BackendReduceWindow(image, op, sizes, strides, nil, nil, paddings)
}

// pick gathers from values those at the maxima of the image: the transpose of SelectAndScatterMax.
// Both are traversed tap by tap.
func (w Window) pick(image, values *graph.Node) *graph.Node {
	around := func(int) compute.PadAxis { return compute.PadAxis{Start: w.Padding, End: w.Padding} }
	image, values = w.pad(image, math.Inf(-1), around), w.pad(values, 0, around)
	var largest, picked *graph.Node
	taps := int(math.Pow(float64(w.Size), float64(image.Rank()-2)))
	for tap := range taps {
		x, v := w.at(tap, image), w.at(tap, values) // [batch, spatial'..., channels]
		if tap == 0 {
			largest, picked = x, v
			continue
		}
		larger := graph.GreaterThan(x, largest)
		largest, picked = graph.Where(larger, x, largest), graph.Where(larger, v, picked)
	}
	return picked
}

// at is the value under one tap of the window, at each of its positions on a padded image.
func (w Window) at(tap int, image *graph.Node) *graph.Node {
	specs := make([]graph.SliceAxisSpec, image.Rank())
	for axis := range specs {
		specs[axis] = graph.AxisRange()
	}
	for axis := image.Rank() - 2; axis > 0; axis-- {
		first, places := tap%w.Size, (image.Shape().Dimensions[axis]-w.Size)/w.Stride+1
		specs[axis] = graph.AxisRange(first, first+extent(places, w.Stride)).Stride(w.Stride)
		tap /= w.Size
	}
	return graph.Slice(image, specs...)
}

// pad pads along the spatial axes.
func (w Window) pad(image *graph.Node, fill float64, along func(axis int) compute.PadAxis) *graph.Node {
	pads := make([]compute.PadAxis, image.Rank())
	for axis := 1; axis < len(pads)-1; axis++ {
		pads[axis] = along(axis)
	}
	return graph.Pad(image, graph.Scalar(image.Graph(), image.DType(), fill), pads...)
}

// gomlxReduceWindow is gomlx's gradient of pooling.
var gomlxReduceWindow = graph.VJPRegistration[graph.NodeTypeReduceWindow]

// reduceWindow is the gradient of pooling: the corrected one for nodes made by this package.
func reduceWindow(node *graph.Node, v []*graph.Node, shape shapes.Shape) []*graph.Node {
	if f, ok := recalled(node); ok {
		return f(v[0])
	}
	return gomlxReduceWindow(node, v, shape)
}
