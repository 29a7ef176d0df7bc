package nn

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/engine/vjp"
)

// A Kernel is the geometry of a square convolution: its size, its stride, and
// the zeros added on each side of the image.
type Kernel struct{ Size, Stride, Padding int }

// Out is the output size of the convolution of a side of that size.
func (k Kernel) Out(side int) int { return (side+2*k.Padding-k.Size)/k.Stride + 1 }

// Conv maps x [batch, height, width, in] to [batch, height', width', channels],
// a cross-correlation with weights [size·size·in, channels] and a bias. The
// initial weights are normal with standard deviation std, the initial bias zero.
func Conv(s *model.Scope, x *graph.Node, channels int, k Kernel, std float64) *graph.Node {
	return Plain.Conv(s, x, channels, k, std)
}

// ConvWith is the convolution with weights [size·size·in, channels], without bias:
// [batch, height', width', channels].
func ConvWith(x, weight *graph.Node, k Kernel) *graph.Node {
	return vjp.Conv(x, square(weight, k.Size), k.geometry())
}

// square reshapes weights [size·size·in, out] to a kernel [size, size, in, out].
func square(weight *graph.Node, size int) *graph.Node {
	d := weight.Shape().Dimensions
	return graph.Reshape(weight, size, size, d[0]/size/size, d[1])
}

func (k Kernel) geometry() vjp.Geometry {
	a := vjp.Axis{Stride: k.Stride, Dilation: 1, Before: k.Padding, After: k.Padding}
	return vjp.Geometry{a, a}
}

// MaxPool is max pooling of x [batch, height, width, channels] with the geometry of the
// kernel: [batch, height', width', channels]. The padding, less than the kernel's size, is
// never the maximum.
func MaxPool(x *graph.Node, k Kernel) *graph.Node { return vjp.MaxPool(x, vjp.Window(k)) }

// MeanPool is average pooling of x [batch, height, width, channels] with the geometry of
// the kernel: [batch, height', width', channels]. The padding, less than the kernel's size,
// counts as zeros.
func MeanPool(x *graph.Node, k Kernel) *graph.Node {
	d := x.Shape().Dimensions
	if k.Stride == k.Size && k.Padding == 0 && d[1]%k.Size == 0 && d[2]%k.Size == 0 {
		// Non-overlapping windows are axes of their own, and the gradient of their mean is
		// a broadcast.
		x = graph.Reshape(x, d[0], d[1]/k.Size, k.Size, d[2]/k.Size, k.Size, d[3])
		return graph.ReduceMean(x, 2, 4)
	}
	return vjp.MeanPool(x, vjp.Window(k))
}
