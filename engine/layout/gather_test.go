package layout

import (
	"math"
	"slices"
	"testing"

	"atelier/engine/tensor"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/shapes"
	"pgregory.net/rapid"
)

var integerTypes = []dtypes.DType{dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64}

// setNumber converts a number to the tensor's type; no negative ones to unsigned.
func setNumber(x tensor.Tensor, i int, v float64) {
	switch to := x.Flat().(type) {
	case []int8:
		to[i] = int8(v)
	case []int16:
		to[i] = int16(v)
	case []int32:
		to[i] = int32(v)
	case []int64:
		to[i] = int64(v)
	case []uint8:
		to[i] = uint8(max(v, 0))
	case []uint16:
		to[i] = uint16(max(v, 0))
	case []uint32:
		to[i] = uint32(max(v, 0))
	case []uint64:
		to[i] = uint64(max(v, 0))
	case []float32:
		to[i] = float32(v)
	case []float64:
		to[i] = v
	case []float16.Float16:
		to[i] = float16.FromFloat32(float32(v))
	case []bfloat16.BFloat16:
		to[i] = bfloat16.FromFloat32(float32(v))
	case []complex64:
		to[i] = complex(float32(v), 0)
	case []complex128:
		to[i] = complex(v, 0)
	default:
		panic(x.Shape.String())
	}
}

// getNumber converts an element to a float64.
func getNumber(x tensor.Tensor, i int) float64 {
	switch from := x.Flat().(type) {
	case []float32:
		return float64(from[i])
	case []float64:
		return from[i]
	case []float16.Float16:
		return float64(from[i].Float32())
	case []bfloat16.BFloat16:
		return float64(from[i].Float32())
	}
	size := x.Shape.DType.Size()
	return float64(integers(tensor.Tensor{Shape: shapes.Make(x.Shape.DType), Bytes: x.Bytes[i*size : (i+1)*size]})[0])
}

// insert puts a dimension into a list.
func insert(dims []int, axis, d int) []int { return slices.Insert(slices.Clone(dims), axis, d) }

// some draws a subset of the axes, in rising order.
func some(t *rapid.T, rank int, name string) []int {
	var axes []int
	for i := range rank {
		if rapid.Bool().Draw(t, name) {
			axes = append(axes, i)
		}
	}
	return axes
}

// An indexing is what gather and scatter have in common.
type indexing struct {
	operand []int // dimensions
	batch   []int // dimensions of the places of index vectors
	window  []int // one for each axis of the operand
	left    []int // axes of the operand that windows leave out
	offsets []int // axes of the output of a gather, of the updates of a scatter, that walk through a window
	mapped  []int // axis of the operand for each index of a vector
	indices tensor.Tensor
	values  []int // of the indices
	axis    int   // of the vectors
	other   []int // dimensions of the output, or the updates
}

// drawIndexing draws indices that are now and then out of range.
func drawIndexing(t *rapid.T) indexing {
	x := indexing{operand: drawDims(t, "operand", 1, 4, enough)}
	x.batch = drawDims(t, "batch", 0, 3, enough/max(1, walk{dims: x.operand}.size()))
	rank := len(x.operand)
	x.mapped = rapid.Permutation(some(t, rank, "mapped")).Draw(t, "map")
	var kept []int
	for i, d := range x.operand {
		if d > 0 && rapid.Bool().Draw(t, "left out") {
			x.left = append(x.left, i)
			x.window = append(x.window, 1)
			continue
		}
		size := d
		if slices.Contains(x.mapped, i) {
			size = rapid.IntRange(0, d).Draw(t, "window")
		}
		x.window = append(x.window, size)
		kept = append(kept, size)
	}
	for axis := range len(x.batch) + len(kept) {
		batchLeft := len(x.other) - len(x.offsets) // batch dimensions that have been placed
		if len(x.offsets) < len(kept) && (batchLeft == len(x.batch) || rapid.Bool().Draw(t, "offset")) {
			x.other = append(x.other, kept[len(x.offsets)])
			x.offsets = append(x.offsets, axis)
		} else {
			x.other = append(x.other, x.batch[batchLeft])
		}
	}
	x.axis = rapid.IntRange(0, len(x.batch)).Draw(t, "vector axis")
	dims := insert(x.batch, x.axis, len(x.mapped))
	if len(x.mapped) == 1 && rapid.Bool().Draw(t, "no vector axis") {
		dims, x.axis = x.batch, len(x.batch)
	}
	x.indices = numbers(t, rapid.SampledFrom(integerTypes).Draw(t, "index type"), -2, 9, dims...)
	x.values = integers(x.indices)
	return x
}

// split separates an index of the output (or updates) into the start that the
// vector of its place says and the offset within the window.
func (x indexing) split(at []int) (start, offset []int) {
	start, offset = make([]int, len(x.operand)), make([]int, len(x.operand))
	for i, axis := range rest(len(x.operand), x.left) {
		offset[axis] = at[x.offsets[i]]
	}
	var place []int
	for i := range at {
		if !slices.Contains(x.offsets, i) {
			place = append(place, at[i])
		}
	}
	for k, axis := range x.mapped {
		full := place
		if x.indices.Shape.Rank() > len(x.batch) {
			full = insert(place, x.axis, k)
		}
		flat := 0
		for i, step := range strides(x.indices.Shape.Dimensions) {
			flat += full[i] * step
		}
		start[axis] = x.values[flat]
	}
	return start, offset
}

func TestGather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawIndexing(t)
		operand := noise(rapid.SampledFrom(sizes).Draw(t, "type"), x.operand...)
		out := noise(operand.Shape.DType, x.other...)
		offsets := rapid.Permutation(x.offsets).Draw(t, "order") // it says nothing
		Gather(drawPool(t), out, operand, x.indices, GatherAxes{x.axis, offsets, x.left, x.mapped, x.window})
		check(t, out, func(at []int) []byte {
			start, offset := x.split(at)
			for i := range start {
				offset[i] += max(0, min(start[i], x.operand[i]-x.window[i]))
			}
			return element(operand, offset)
		})
	})
}

func TestGatherRows(t *testing.T) {
	for _, pool := range pools {
		table := noise(dtypes.Float32, 50, 40)
		indices := tensor.New(shapes.Make(dtypes.Int32, 30, 11))
		for i := range indices.Shape.Size() {
			setNumber(indices, i, float64(i*7%53-1))
		}
		out := noise(dtypes.Float32, 30, 11, 40)
		Gather(pool, out, table, indices, GatherAxes{2, []int{2}, []int{0}, []int{0}, []int{1, 40}})
		for i := range 330 {
			row := max(0, min(49, i*7%53-1))
			if !slices.Equal(out.Bytes[i*160:(i+1)*160], table.Bytes[row*160:(row+1)*160]) {
				t.Fatalf("row %d is not row %d of the table", i, row)
			}
		}
	}
}

func TestGatherLargeSlices(t *testing.T) {
	for _, pool := range pools {
		operand := noise(dtypes.Int64, 90, 80)
		starts := tensor.FromFlat([]uint16{3, 7, 5, 900}, shapes.Make(dtypes.Uint16, 2, 2))
		out := noise(dtypes.Int64, 70, 2, 60) // slices of [70, 60]
		Gather(pool, out, operand, starts, GatherAxes{0, []int{0, 2}, nil, []int{1, 0}, []int{70, 60}})
		everywhere(out.Shape.Dimensions, func(at []int) {
			from := []int{at[0] + 5, at[2] + 3}
			if at[1] == 1 {
				from = []int{at[0] + 20, at[2] + 7}
			}
			if !slices.Equal(element(out, at), element(operand, from)) {
				t.Fatalf("element %v is not %v of the operand", at, from)
			}
		})
	}
}

func TestHugeIndices(t *testing.T) {
	operand := tensor.FromFlat([]float32{1, 2, 3}, shapes.Make(dtypes.Float32, 3))
	for _, indices := range []tensor.Tensor{
		tensor.FromFlat([]int64{math.MinInt64, math.MaxInt64}, shapes.Make(dtypes.Int64, 2, 1)),
		tensor.FromFlat([]uint64{0, math.MaxUint64}, shapes.Make(dtypes.Uint64, 2, 1)),
	} {
		out := noise(dtypes.Float32, 2, 2)
		Gather(pools[0], out, operand, indices, GatherAxes{1, []int{1}, nil, []int{0}, []int{2}})
		if got := tensor.Of[float32](out); !slices.Equal(got, []float32{1, 2, 2, 3}) {
			t.Errorf("gather at %s: %v", indices.Shape, got)
		}
		sums := noise(dtypes.Float32, 3)
		ScatterSum(pools[0], sums, operand, indices, out, ScatterAxes{1, []int{1}, nil, []int{0}})
		first := float32(1)
		if indices.Shape.DType == dtypes.Uint64 {
			first++
		}
		if got := tensor.Of[float32](sums); got[0] != first || got[2] != 3 {
			t.Errorf("scatter at %s: %v", indices.Shape, got)
		}
	}
}
