package nn

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/engine/vjp"
)

// MaxPool is the largest pixel under each place of the kernel on x [batch,
// height, width, channels], by channel: [batch, height', width', channels]. The
// padding, less than the kernel's size, is never the largest.
func MaxPool(x *graph.Node, k Kernel) *graph.Node { return vjp.MaxPool(x, vjp.Window(k)) }

// MeanPool is the mean of the pixels under each place of the kernel on x [batch,
// height, width, channels], by channel: [batch, height', width', channels]. The
// padding, less than the kernel's size, counts as zeros.
func MeanPool(x *graph.Node, k Kernel) *graph.Node {
	d := x.Shape().Dimensions
	if k.Stride == k.Size && k.Padding == 0 && d[1]%k.Size == 0 && d[2]%k.Size == 0 {
		// Places that lie side by side are axes of their own, and the gradient of their
		// mean is a broadcast.
		x = graph.Reshape(x, d[0], d[1]/k.Size, k.Size, d[2]/k.Size, k.Size, d[3])
		return graph.ReduceMean(x, 2, 4)
	}
	return vjp.MeanPool(x, vjp.Window(k))
}
