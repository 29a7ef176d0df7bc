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
func MeanPool(x *graph.Node, k Kernel) *graph.Node { return vjp.MeanPool(x, vjp.Window(k)) }
