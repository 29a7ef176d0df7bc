package layout

import (
	"fmt"
	"math"

	"atelier/engine/tensor"

	"github.com/gomlx/compute/dtypes"
)

// integers are the values of an integer tensor. Values too large for an int become the largest int,
// which is out of range either way.
func integers(t tensor.Tensor) []int {
	switch t.Shape.DType {
	case dtypes.Int8:
		return ints[int8](t)
	case dtypes.Int16:
		return ints[int16](t)
	case dtypes.Int32:
		return ints[int32](t)
	case dtypes.Int64:
		return ints[int64](t)
	case dtypes.Uint8:
		return ints[uint8](t)
	case dtypes.Uint16:
		return ints[uint16](t)
	case dtypes.Uint32:
		return ints[uint32](t)
	case dtypes.Uint64:
		return ints[uint64](t)
	}
	panic(fmt.Sprintf("layout: indices of %s", t.Shape.DType))
}

func ints[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](t tensor.Tensor) []int {
	to := make([]int, t.Shape.Size())
	for i, v := range tensor.Of[T](t) {
		to[i] = int(v)
		if v > 0 && to[i] < 0 {
			to[i] = math.MaxInt
		}
	}
	return to
}

// vectors are the index vectors of a gather or a scatter: one of len(axes) indices at each position
// of the other axes of the tensor.
type vectors struct {
	indices []int
	step    int   // stride between the components of a vector
	axes    []int // the operand's axis for each component
}

// pair walks over the positions of a tensor along its batch axes, together with their index
// vectors: to is in the tensor, from in the indices.
func pair(t tensor.Tensor, batch []int, indices tensor.Tensor, vectorAxis int, axes []int) (walk, vectors) {
	v := vectors{indices: integers(indices), axes: axes}
	var w walk
	to := strides(t.Shape.Dimensions)
	for _, axis := range batch {
		w.dims = append(w.dims, t.Shape.Dimensions[axis])
		w.to = append(w.to, to[axis])
	}
	for i, step := range strides(indices.Shape.Dimensions) {
		if i == vectorAxis {
			v.step = step
			continue
		}
		w.from = append(w.from, step)
	}
	return w.collapsed(), v
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
