package ir

import (
	"slices"

	"github.com/gomlx/compute"
)

// A View reads a value from the memory of another: element (i, j, ...) is at Offset + i*Strides[0]
// + j*Strides[1] + ... of the base's memory. A repeated axis has stride 0, a reversed one a
// negative stride.
type View struct {
	Base    Value
	Offset  int
	Dims    []int
	Strides []int
}

// Dense is the view of a value by itself.
func Dense(v Value) View {
	dims := v.Shape().Dimensions
	return View{Base: v, Dims: dims, Strides: rowMajor(dims)}
}

func rowMajor(dims []int) []int {
	out := make([]int, len(dims))
	for i, step := len(dims)-1, 1; i >= 0; i-- {
		out[i] = step
		step *= dims[i]
	}
	return out
}

// Views returns the ways to read a value, from the value itself back through all moves.
func Views(v Value) []View {
	all := []View{Dense(v)}
	var moves []*Node // from the value backwards
	for at := v; at.Shape().Size() > 0 && at.Node.Moves(); {
		moves = append(moves, at.Node)
		at = at.Node.Inputs[0]
		view := Dense(at)
		ok := true
		for i := len(moves) - 1; i >= 0 && ok; i-- {
			view, ok = view.moved(moves[i])
		}
		if !ok {
			break
		}
		all = append(all, view)
	}
	return all
}

// Moves reports whether a node only moves its input's values and computes nothing.
func (n *Node) Moves() bool {
	switch n.Op {
	case opReshape, compute.OpTypeTranspose, compute.OpTypeBroadcastInDim, compute.OpTypeSlice, compute.OpTypeReverse:
		return true
	}
	return false
}

// Root is the value that a value comes from, looking through moves.
func Root(v Value) Value {
	for v.Node.Moves() {
		v = v.Node.Inputs[0]
	}
	return v
}

// moved is the view of a node's result, given that of its input.
func (v View) moved(n *Node) (View, bool) {
	out := View{Base: v.Base, Offset: v.Offset, Dims: n.Outputs[0].Dimensions}
	switch n.Op {
	case opReshape:
		var ok bool
		out.Strides, ok = reshaped(v.Dims, v.Strides, out.Dims)
		return out, ok
	case compute.OpTypeTranspose:
		for _, axis := range Attribute[[]int](n, "permutation") {
			out.Strides = append(out.Strides, v.Strides[axis])
		}
	case compute.OpTypeBroadcastInDim:
		out.Strides = make([]int, len(out.Dims))
		for i, axis := range Attribute[[]int](n, "broadcastAxes") {
			if v.Dims[i] != 1 {
				out.Strides[axis] = v.Strides[i]
			}
		}
	case compute.OpTypeSlice:
		starts, steps := Attribute[[]int](n, "starts"), Attribute[[]int](n, "strides")
		out.Strides = slices.Clone(v.Strides)
		for i, start := range starts {
			out.Offset += start * v.Strides[i]
			if len(steps) > 0 {
				out.Strides[i] *= steps[i]
			}
		}
	case compute.OpTypeReverse:
		out.Strides = slices.Clone(v.Strides)
		for _, axis := range Attribute[[]int](n, "axes") {
			out.Offset += (v.Dims[axis] - 1) * v.Strides[axis]
			out.Strides[axis] = -v.Strides[axis]
		}
	}
	return out, true
}

// reshaped returns the strides of a reshaped view, if one stride per axis suffices.
func reshaped(dims, strides, want []int) ([]int, bool) {
	var from, steps []int // axes of more than one element
	for i, d := range dims {
		if d != 1 {
			from, steps = append(from, d), append(steps, strides[i])
		}
	}
	out := make([]int, len(want))
	i := 0
	for k := 0; k < len(want); {
		if want[k] == 1 {
			k++
			continue
		}
		// The shortest runs of axes on both sides that have the same size.
		first, last := i, k
		have, need := from[i], want[k]
		for have != need {
			if have < need {
				i++
				have *= from[i]
			} else {
				last++
				need *= want[last]
			}
		}
		for j := first; j < i; j++ {
			if steps[j] != steps[j+1]*from[j+1] {
				return nil, false
			}
		}
		step := steps[i]
		for j := last; j >= k; j-- {
			if want[j] != 1 {
				out[j] = step
				step *= want[j]
			}
		}
		i, k = i+1, last+1
	}
	return out, true
}

// Repeats reports whether several elements are read from one place.
func (v View) Repeats() bool {
	for i, d := range v.Dims {
		if d > 1 && v.Strides[i] == 0 {
			return true
		}
	}
	return false
}

// Run is the length of the longest contiguous or constant run at the end of each row, the rows
// being those of the last axes.
func (v View) Run() (length int, constant bool) {
	dense, same := 1, 1
	step := 1
	for i := len(v.Dims) - 1; i >= 0; i-- {
		if v.Dims[i] == 1 {
			continue
		}
		if v.Strides[i] != step {
			break
		}
		step *= v.Dims[i]
		dense = step
	}
	for i := len(v.Dims) - 1; i >= 0; i-- {
		if v.Dims[i] != 1 && v.Strides[i] != 0 {
			break
		}
		same *= v.Dims[i]
	}
	if same > dense {
		return same, true
	}
	return dense, false
}
