package layout

import (
	"slices"
	"testing"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"pgregory.net/rapid"
)

func TestTranspose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := noise(rapid.SampledFrom(sizes).Draw(t, "type"), drawDims(t, "dims", 0, 4, enough)...)
		rank := in.Shape.Rank()
		permutation := make([]int, rank)
		for i := range permutation {
			permutation[i] = i
		}
		permutation = rapid.Permutation(permutation).Draw(t, "permutation")
		dims := make([]int, rank)
		for i, axis := range permutation {
			dims[i] = in.Shape.Dimensions[axis]
		}
		out := noise(in.Shape.DType, dims...)
		Transpose(drawPool(t), out, in, permutation)
		from := make([]int, rank)
		check(t, out, func(at []int) []byte {
			for i, axis := range permutation {
				from[axis] = at[i]
			}
			return element(in, from)
		})
	})
}

func TestTransposeOfPlanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dtype := rapid.SampledFrom(sizes).Draw(t, "type")
		rows, cols := rapid.IntRange(1, 70).Draw(t, "rows"), rapid.IntRange(1, 70).Draw(t, "cols")
		batch := rapid.IntRange(1, 3).Draw(t, "batch")
		in, out := noise(dtype, batch, rows, cols), noise(dtype, batch, cols, rows)
		Transpose(drawPool(t), out, in, []int{0, 2, 1})
		check(t, out, func(at []int) []byte { return element(in, []int{at[0], at[2], at[1]}) })
	})
}

func TestBroadcast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := drawDims(t, "dims", 0, 4, enough)
		var inDims, axes []int
		for i, d := range dims {
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				inDims, axes = append(inDims, d), append(axes, i)
			case 1:
				inDims, axes = append(inDims, 1), append(axes, i)
			}
		}
		dtype := rapid.SampledFrom(sizes).Draw(t, "type")
		in, out := noise(dtype, inDims...), noise(dtype, dims...)
		Broadcast(drawPool(t), out, in, axes)
		check(t, out, func(at []int) []byte {
			from := make([]int, len(axes))
			for i, axis := range axes {
				from[i] = min(at[axis], inDims[i]-1)
			}
			return element(in, from)
		})
	})
}

func TestSliceAndReverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := noise(rapid.SampledFrom(sizes).Draw(t, "type"), drawDims(t, "dims", 0, 4, enough)...)
		var starts, steps, dims, reversed []int
		for i, d := range in.Shape.Dimensions {
			starts = append(starts, rapid.IntRange(0, d).Draw(t, "start"))
			steps = append(steps, rapid.IntRange(1, 3).Draw(t, "step"))
			limit := rapid.IntRange(starts[i], d).Draw(t, "limit")
			dims = append(dims, (limit-starts[i]+steps[i]-1)/steps[i])
			if rapid.Bool().Draw(t, "reverse") {
				reversed = append(reversed, i)
			}
		}
		out := noise(in.Shape.DType, dims...)
		Slice(drawPool(t), out, in, starts, steps)
		from := make([]int, len(dims))
		check(t, out, func(at []int) []byte {
			for i := range at {
				from[i] = starts[i] + at[i]*steps[i]
			}
			return element(in, from)
		})
		out = noise(in.Shape.DType, in.Shape.Dimensions...)
		Reverse(drawPool(t), out, in, reversed)
		check(t, out, func(at []int) []byte {
			copy(from, at)
			for _, axis := range reversed {
				from[axis] = in.Shape.Dimensions[axis] - 1 - at[axis]
			}
			return element(in, from)
		})
	})
}

func TestConcatenate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := drawDims(t, "dims", 1, 4, enough)
		axis := rapid.IntRange(0, len(dims)-1).Draw(t, "axis")
		dtype := rapid.SampledFrom(sizes).Draw(t, "type")
		var operands []tensor.Tensor
		var owner, first []int // of each index on the axis
		for i := range rapid.IntRange(1, 4).Draw(t, "operands") {
			d := slices.Clone(dims)
			d[axis] = rapid.IntRange(0, 5).Draw(t, "part")
			operands = append(operands, noise(dtype, d...))
			start := len(owner)
			for range d[axis] {
				owner, first = append(owner, i), append(first, start)
			}
		}
		dims[axis] = len(owner)
		out := noise(dtype, dims...)
		Concatenate(drawPool(t), out, axis, operands...)
		check(t, out, func(at []int) []byte {
			from := slices.Clone(at)
			from[axis] -= first[at[axis]]
			return element(operands[owner[at[axis]]], from)
		})
	})
}

func TestPad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := noise(rapid.SampledFrom(sizes).Draw(t, "type"), drawDims(t, "dims", 0, 4, enough)...)
		dims := slices.Clone(in.Shape.Dimensions)
		value := noise(in.Shape.DType)
		var padding []compute.PadAxis
		for i := range rapid.IntRange(0, len(dims)).Draw(t, "padded axes") {
			p := compute.PadAxis{
				Start:    rapid.IntRange(-4, 4).Draw(t, "start"),
				End:      rapid.IntRange(-4, 4).Draw(t, "end"),
				Interior: rapid.IntRange(0, 2).Draw(t, "interior"),
			}
			dims[i] += max(0, dims[i]-1)*p.Interior + p.Start
			p.End = max(p.End, -dims[i])
			dims[i] += p.End
			padding = append(padding, p)
		}
		out := noise(in.Shape.DType, dims...)
		Pad(drawPool(t), out, in, value, padding)
		check(t, out, func(at []int) []byte {
			from := slices.Clone(at)
			for i, p := range padding {
				k := at[i] - p.Start
				if k < 0 || k%(p.Interior+1) != 0 || k/(p.Interior+1) >= in.Shape.Dimensions[i] {
					return value.Bytes
				}
				from[i] = k / (p.Interior + 1)
			}
			return element(in, from)
		})
	})
}

func TestDynamicSlices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := noise(rapid.SampledFrom(sizes).Draw(t, "type"), drawDims(t, "dims", 0, 4, enough)...)
		dims := make([]int, whole.Shape.Rank())
		starts := make([]tensor.Tensor, len(dims))
		clamped := make([]int, len(dims))
		for i, d := range whole.Shape.Dimensions {
			dims[i] = rapid.IntRange(0, d).Draw(t, "size")
			starts[i] = numbers(t, dtypes.Int32, -3, d+3)
			clamped[i] = max(0, min(integers(starts[i])[0], d-dims[i]))
		}
		out := noise(whole.Shape.DType, dims...)
		DynamicSlice(drawPool(t), out, whole, starts)
		check(t, out, func(at []int) []byte {
			from := slices.Clone(at)
			for i := range from {
				from[i] += clamped[i]
			}
			return element(whole, from)
		})
		update := noise(whole.Shape.DType, dims...)
		out = noise(whole.Shape.DType, whole.Shape.Dimensions...)
		DynamicUpdateSlice(drawPool(t), out, whole, update, starts)
		UpdateSlice(drawPool(t), whole, update, starts)
		check(t, out, func(at []int) []byte {
			from := slices.Clone(at)
			for i := range from {
				from[i] -= clamped[i]
				if from[i] < 0 || from[i] >= dims[i] {
					return element(whole, at)
				}
			}
			return element(update, from)
		})
		if !slices.Equal(out.Bytes, whole.Bytes) {
			t.Fatal("an update in place is another one")
		}
	})
}

func TestIota(t *testing.T) {
	types := []dtypes.DType{dtypes.Int8, dtypes.Int16, dtypes.Int32, dtypes.Int64, dtypes.Uint8, dtypes.Uint16, dtypes.Uint32, dtypes.Uint64,
		dtypes.Float32, dtypes.Float64, dtypes.Float16, dtypes.BFloat16, dtypes.Complex64, dtypes.Complex128}
	rapid.Check(t, func(t *rapid.T) {
		dims := drawDims(t, "dims", 1, 4, enough)
		axis := rapid.IntRange(0, len(dims)-1).Draw(t, "axis")
		out := noise(rapid.SampledFrom(types).Draw(t, "type"), dims...)
		one := noise(out.Shape.DType)
		Iota(drawPool(t), out, axis)
		check(t, out, func(at []int) []byte {
			setNumber(one, 0, float64(at[axis]))
			return one.Bytes
		})
	})
}

func TestPackedTypesPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("half bytes were moved")
		}
	}()
	x := noise(dtypes.Int4, 2, 2)
	Transpose(threads.Single(), x, x, []int{1, 0})
}
