package layout

import (
	"fmt"
	"math"

	"atelier/engine/tensor"

	"github.com/gomlx/compute/dtypes"
)

// index is element i of a tensor of integers. What is too large for an int
// becomes the largest int: beyond every axis all the same.
func index(t tensor.Tensor, i int) int {
	switch t.Shape.DType {
	case dtypes.Int8:
		return int(tensor.As[int8](t.Bytes)[i])
	case dtypes.Int16:
		return int(tensor.As[int16](t.Bytes)[i])
	case dtypes.Int32:
		return int(tensor.As[int32](t.Bytes)[i])
	case dtypes.Int64:
		return int(tensor.As[int64](t.Bytes)[i])
	case dtypes.Uint8:
		return int(t.Bytes[i])
	case dtypes.Uint16:
		return int(tensor.As[uint16](t.Bytes)[i])
	case dtypes.Uint32:
		return int(tensor.As[uint32](t.Bytes)[i])
	case dtypes.Uint64:
		return int(min(tensor.As[uint64](t.Bytes)[i], math.MaxInt64))
	}
	panic(fmt.Sprintf("layout: indices of %s", t.Shape.DType))
}

// vectors are the index vectors of a gather or a scatter: one of len(axes)
// indices at each place of the other axes of the tensor.
type vectors struct {
	indices tensor.Tensor
	step    int   // from an index of a vector to its next, in elements
	axes    []int // the operand's axis of each
}

// over pairs the places of a tensor that are numbered by its batch axes with
// those of the index vectors: to is in the tensor, from in the indices.
func (v *vectors) over(t tensor.Tensor, batch []int, vectorAxis int) walk {
	var w walk
	to := strides(t.Shape.Dimensions)
	for _, axis := range batch {
		w.dims = append(w.dims, t.Shape.Dimensions[axis])
		w.to = append(w.to, to[axis])
	}
	for i, step := range strides(v.indices.Shape.Dimensions) {
		if i == vectorAxis {
			v.step = step
			continue
		}
		w.from = append(w.from, step)
	}
	return w.collapsed()
}

// rest are the axes below rank that are not in axes.
func rest(rank int, axes []int) []int {
	in := make([]bool, rank)
	for _, a := range axes {
		in[a] = true
	}
	var others []int
	for i, there := range in {
		if !there {
			others = append(others, i)
		}
	}
	return others
}
