package ir

import (
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"
)

// A mover makes a node that moves its input's values, and the moved values.
func drawMove(t *rapid.T, v Value, values []int) (Value, []int) {
	dims := v.Shape().Dimensions
	n := &Node{Inputs: []Value{v}, Attributes: map[string]any{}}
	var place func(at []int) []int // of a value of the result in the input
	out := slices.Clone(dims)
	axes := make([]int, len(dims))
	for i := range axes {
		axes[i] = i
	}
	switch rapid.IntRange(0, 4).Draw(t, "move") {
	case 0:
		n.Op, out = compute.OpTypeReshape, factors(t, v.Shape().Size())
		n.Outputs = []shapes.Shape{shapes.Make(dtypes.Float32, out...)}
		return Value{Node: n}, values
	case 1:
		permutation := rapid.Permutation(axes).Draw(t, "permutation")
		n.Op, n.Attributes["permutation"] = compute.OpTypeTranspose, permutation
		for i, axis := range permutation {
			out[i] = dims[axis]
		}
		place = func(at []int) []int {
			in := make([]int, len(at))
			for i, axis := range permutation {
				in[axis] = at[i]
			}
			return in
		}
	case 2:
		repeats := rapid.IntRange(1, 3).Draw(t, "repeats")
		n.Op, out = compute.OpTypeBroadcastInDim, append([]int{repeats}, dims...)
		over := make([]int, len(dims))
		for i := range over {
			over[i] = i + 1
		}
		n.Attributes["broadcastAxes"] = over
		place = func(at []int) []int { return at[1:] }
	case 3:
		starts, limits, steps := make([]int, len(dims)), slices.Clone(dims), make([]int, len(dims))
		for i, d := range dims {
			starts[i] = rapid.IntRange(0, d-1).Draw(t, "start")
			steps[i] = rapid.IntRange(1, 2).Draw(t, "step")
			out[i] = (limits[i] - starts[i] + steps[i] - 1) / steps[i]
		}
		n.Op, n.Attributes["starts"], n.Attributes["limits"], n.Attributes["strides"] = compute.OpTypeSlice, starts, limits, steps
		place = func(at []int) []int {
			in := make([]int, len(at))
			for i := range at {
				in[i] = starts[i] + at[i]*steps[i]
			}
			return in
		}
	default:
		reversed := axes[:rapid.IntRange(0, len(axes)).Draw(t, "reversed")]
		n.Op, n.Attributes["axes"] = compute.OpTypeReverse, reversed
		place = func(at []int) []int {
			in := slices.Clone(at)
			for _, a := range reversed {
				in[a] = dims[a] - 1 - at[a]
			}
			return in
		}
	}
	n.Outputs = []shapes.Shape{shapes.Make(dtypes.Float32, out...)}
	var moved []int
	inner := rowMajor(dims)
	each(out, func(at []int) {
		from := 0
		for i, x := range place(at) {
			from += x * inner[i]
		}
		moved = append(moved, values[from])
	})
	return Value{Node: n}, moved
}

func factors(t *rapid.T, size int) []int {
	var out []int
	for size > 1 {
		var divisors []int
		for d := 1; d <= size; d++ {
			if size%d == 0 {
				divisors = append(divisors, d)
			}
		}
		d := rapid.SampledFrom(divisors).Draw(t, "factor")
		out, size = append(out, d), size/d
		if d == 1 && len(out) > 4 {
			return append(out, size)
		}
	}
	return out
}

func each(dims []int, f func(at []int)) {
	at := make([]int, len(dims))
	var walk func(axis int)
	walk = func(axis int) {
		if axis == len(dims) {
			f(at)
			return
		}
		for at[axis] = 0; at[axis] < dims[axis]; at[axis]++ {
			walk(axis + 1)
		}
	}
	walk(0)
}

// Every view of a value reads the value.
func TestViews(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := rapid.SliceOfN(rapid.IntRange(1, 4), 0, 4).Draw(t, "dims")
		base := Value{Node: &Node{Op: compute.OpTypeParameter, Outputs: []shapes.Shape{shapes.Make(dtypes.Float32, dims...)}}}
		values := make([]int, base.Shape().Size())
		for i := range values {
			values[i] = i
		}
		known := map[Value][]int{base: values}
		v := base
		for range rapid.IntRange(1, 4).Draw(t, "moves") {
			v, values = drawMove(t, v, values)
			known[v] = values
		}
		for _, view := range Views(v) {
			memory, i := known[view.Base], 0
			each(view.Dims, func(at []int) {
				from := view.Offset
				for k, x := range at {
					from += x * view.Strides[k]
				}
				if memory[from] != values[i] {
					t.Fatalf("value %d of %v is %d, want %d", i, view, memory[from], values[i])
				}
				i++
			})
		}
	})
}
