package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
)

// intoRange brings pixels into the range of their field by tanh; vectors are
// left as they are.
func intoRange(x *graph.Node, f data.Field) *graph.Node {
	if f.Kind != data.Pixels {
		return x
	}
	middle, half := (float64(f.High)+float64(f.Low))/2, (float64(f.High)-float64(f.Low))/2
	x = graph.Tanh(x)
	if half != 1 {
		x = graph.MulScalar(x, half)
	}
	if middle != 0 {
		x = graph.AddScalar(x, middle)
	}
	return x
}

// batched is the shape of the field with the batch axis of x before it.
func batched(x *graph.Node, f data.Field) []int {
	return append([]int{x.Shape().Dimensions[0]}, f.Shape...)
}
