package family

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/data"
)

// packed is the spec of packs of n samples, concatenated along the last axis
// (Lin et al. 2017, arXiv:1712.04086).
func packed(spec data.Spec, n int) data.Spec {
	if n == 1 {
		return spec
	}
	fields := slices.Clone(spec.Fields)
	for i := range fields {
		if fields[i].Name == data.Target {
			fields[i].Shape = slices.Clone(fields[i].Shape)
			fields[i].Shape[len(fields[i].Shape)-1] *= n
		}
	}
	return data.Spec{Fields: fields}
}

// pack concatenates every n samples of x [batch, ..., channels] along the last axis:
// [batch/n, ..., n·channels].
func pack(x *graph.Node, n int) *graph.Node {
	if n == 1 {
		return x
	}
	dims := x.Shape().Dimensions
	apart := slices.Concat([]int{dims[0] / n, n}, dims[1:]) // [batch/n, n, ..., channels]
	order := []int{0}
	for axis := 2; axis < len(dims); axis++ {
		order = append(order, axis)
	}
	order = append(order, 1, len(dims))
	x = graph.TransposeAllAxes(graph.Reshape(x, apart...), order...) // [batch/n, ..., n, channels]
	together := slices.Clone(dims)
	together[0], together[len(dims)-1] = dims[0]/n, n*dims[len(dims)-1]
	return graph.Reshape(x, together...)
}
