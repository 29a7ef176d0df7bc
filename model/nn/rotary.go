package nn

import (
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Rotate is the rotary position embedding of queries or keys x [..., time, size], size even
// (Su et al. 2021, arXiv:2104.09864): pair i of the numbers at position p is rotated by the
// angle p·base^(-2i/size). Pairs are the numbers i and i + size/2 with halves, as in the
// models of Hugging Face, and otherwise 2i and 2i + 1, as in the paper.
func Rotate(x *graph.Node, base float64, halves bool) *graph.Node {
	d := x.Shape().Dimensions
	time, pairs := d[len(d)-2], d[len(d)-1]/2
	apart := append(slices.Clone(d[:len(d)-1]), pairs, 2)
	axis := len(d) // which separates the two numbers of a pair
	if halves {
		axis--
		apart[axis], apart[axis+1] = 2, pairs
	}
	turned := append(slices.Clone(apart[:axis]), 1)
	turned = append(turned, apart[axis+1:]...)
	table := func(of func(float64) float64) *graph.Node { // broadcast to one of each pair
		values := make([]float64, time*pairs)
		for i := range values {
			values[i] = of(float64(i/pairs) * math.Pow(base, -float64(i%pairs)/float64(pairs)))
		}
		dims := slices.Repeat([]int{1}, len(turned))
		dims[len(d)-2] = time
		if halves {
			dims[len(d)] = pairs
		} else {
			dims[len(d)-1] = pairs
		}
		constant := graph.ConstTensor(x.Graph(), tensors.FromFlatDataAndDimensions(values, dims...))
		return graph.ConvertDType(constant, x.DType())
	}
	cos, sin := table(math.Cos), table(math.Sin)
	split := graph.Reshape(x, apart...)
	one := graph.SliceAxis(split, axis, graph.AxisElem(0)) // [..., time, 1, pairs] or [..., time, pairs, 1]
	two := graph.SliceAxis(split, axis, graph.AxisElem(1))
	y := graph.Concatenate([]*graph.Node{
		graph.Sub(graph.Mul(one, cos), graph.Mul(two, sin)),
		graph.Add(graph.Mul(two, cos), graph.Mul(one, sin)),
	}, axis)
	return graph.Reshape(y, d...)
}
