package layout

import (
	"math"
	"slices"
	"testing"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"
)

var scatters = []struct {
	name    string
	scatter func(*threads.Pool, tensor.Tensor, tensor.Tensor, tensor.Tensor, tensor.Tensor, ScatterAxes)
	f       func(a, b float64) float64
}{
	{"sum", ScatterSum, func(a, b float64) float64 { return a + b }},
	{"max", ScatterMax, func(a, b float64) float64 { return max(a, b) }},
	{"min", ScatterMin, func(a, b float64) float64 { return min(a, b) }},
}

// scatterByDefinition goes through the updates one by one.
func scatterByDefinition(out, operand, updates tensor.Tensor, x indexing, f func(a, b float64) float64) {
	copy(out.Bytes, operand.Bytes)
	flat := 0
	everywhere(updates.Shape.Dimensions, func(at []int) {
		start, offset := x.split(at)
		i := 0
		for axis, step := range strides(x.operand) {
			k := start[axis] + offset[axis]
			if k < 0 || k >= x.operand[axis] {
				i = -1
				break
			}
			i += k * step
		}
		if i >= 0 {
			setNumber(out, i, f(getNumber(out, i), getNumber(updates, flat)))
		}
		flat++
	})
}

func TestScatter(t *testing.T) {
	types := append([]dtypes.DType{dtypes.Float32, dtypes.Float64}, integerTypes...)
	rapid.Check(t, func(t *rapid.T) {
		x := drawIndexing(t)
		types := types
		if (walk{dims: x.other}).size() <= 120 { // sums of up to 256 are exact in 16 bits
			types = slices.Concat(types, []dtypes.DType{dtypes.Float16, dtypes.BFloat16})
		}
		dtype := rapid.SampledFrom(types).Draw(t, "type")
		operand := numbers(t, dtype, 0, 1, x.operand...)
		updates := numbers(t, dtype, 0, 2, x.other...)
		axes := ScatterAxes{x.axis, x.offsets, x.left, x.mapped}
		for _, c := range scatters {
			out, want := noise(dtype, x.operand...), noise(dtype, x.operand...)
			c.scatter(drawPool(t), out, operand, x.indices, updates, axes)
			scatterByDefinition(want, operand, updates, x, c.f)
			for i := range out.Shape.Size() {
				if got, want := getNumber(out, i), getNumber(want, i); got != want {
					t.Fatalf("%s, element %d: got %g, want %g", c.name, i, got, want)
				}
			}
			again := tensor.FromFlat(operand.Flat(), operand.Shape)
			c.scatter(drawPool(t), again, again, x.indices, updates, axes)
			if !slices.Equal(again.Bytes, out.Bytes) {
				t.Fatal("a scatter in place is another one")
			}
		}
	})
}

// Sums of floats depend on their order; it must not depend on the threads.
func TestScatterOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 100).Draw(t, "rows"), rapid.SampledFrom([]int{1, 3, 130, 9000}).Draw(t, "cols")
		n := 40_000 / cols
		indices := numbers(t, dtypes.Int32, 0, rows, n, 1)
		updates, operand := tensor.New(shapes.Make(dtypes.Float32, n, cols)), tensor.New(shapes.Make(dtypes.Float32, rows, cols))
		values := tensor.Of[float32](updates)
		for i := range values {
			values[i] = float32(math.Sin(float64(i)))
		}
		want := make([]float32, rows*cols)
		rowOf := integers(indices)
		for i := range n {
			row := rowOf[i]
			for k := range cols {
				if row < rows {
					want[row*cols+k] += values[i*cols+k]
				}
			}
		}
		for _, pool := range pools {
			out := noise(dtypes.Float32, rows, cols)
			ScatterSum(pool, out, operand, indices, updates, ScatterAxes{1, []int{1}, []int{0}, []int{0}})
			if !slices.Equal(tensor.Of[float32](out), want) {
				t.Fatalf("%d threads: another sum", pool.Size())
			}
		}
	})
}

func TestScatterNaN(t *testing.T) {
	nan := float32(math.NaN())
	operand := tensor.FromFlat([]float32{1, nan, 3}, shapes.Make(dtypes.Float32, 3))
	updates := tensor.FromFlat([]float32{nan, 5, 4}, shapes.Make(dtypes.Float32, 3))
	indices := tensor.FromFlat([]uint8{0, 1, 2}, shapes.Make(dtypes.Uint8, 3, 1))
	for _, c := range scatters {
		out := noise(dtypes.Float32, 3)
		c.scatter(pools[0], out, operand, indices, updates, ScatterAxes{1, nil, []int{0}, []int{0}})
		got := tensor.Of[float32](out)
		if got[0] == got[0] || got[1] == got[1] || float64(got[2]) != c.f(3, 4) {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestScatterIntoScalar(t *testing.T) {
	one := func(v float32) tensor.Tensor { return tensor.FromFlat([]float32{v}, shapes.Make(dtypes.Float32)) }
	out := noise(dtypes.Float32)
	indices := tensor.New(shapes.Make(dtypes.Int32, 0))
	ScatterSum(pools[0], out, one(1), indices, one(2), ScatterAxes{})
	if got := tensor.Of[float32](out)[0]; got != 3 {
		t.Errorf("got %g, want 3", got)
	}
}
