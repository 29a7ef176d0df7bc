package layout

import (
	"testing"

	"atelier/engine/tensor"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/compute/support/testutil"
)

// TestAsGomlx holds a gather and scatters to gomlx's own backend, where that is
// right: a scatter whose first axis is the scattered one.
func TestAsGomlx(t *testing.T) {
	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	operand := tensor.New(shapes.Make(dtypes.Float32, 6, 5, 4))
	updates := tensor.New(shapes.Make(dtypes.Float32, 7, 2, 4))
	for i := range operand.Shape.Size() {
		setNumber(operand, i, float64(i))
	}
	for i := range updates.Shape.Size() {
		setNumber(updates, i, float64(i%11))
	}
	rows := tensor.FromFlat([]int32{0, 5, 3, 3, 1, 0, 3}, shapes.Make(dtypes.Int32, 7, 1))
	gather := GatherAxes{1, []int{1, 2}, []int{0}, []int{0}, []int{1, 2, 4}}
	scatter := ScatterAxes{1, []int{1, 2}, []int{0}, []int{0}}
	inputs := []any{shaped(t, backend, operand), shaped(t, backend, rows), shaped(t, backend, updates)}
	for name, c := range map[string]struct {
		theirs func(f compute.Function, p []compute.Value) (compute.Value, error)
		ours   func(out tensor.Tensor)
		out    tensor.Tensor
	}{
		"gather": {
			func(f compute.Function, p []compute.Value) (compute.Value, error) {
				return f.Gather(p[0], p[1], 1, gather.OffsetOutput, gather.CollapsedSlice, gather.StartIndexMap, gather.SliceSizes, false)
			},
			func(out tensor.Tensor) { Gather(pools[0], out, operand, rows, gather) },
			noise(dtypes.Float32, 7, 2, 4),
		},
		"scatter sum": {
			func(f compute.Function, p []compute.Value) (compute.Value, error) {
				return f.ScatterSum(p[0], p[1], p[2], 1, scatter.UpdateWindow, scatter.InsertedWindow, scatter.ScatterToOperand, false, false)
			},
			func(out tensor.Tensor) { ScatterSum(pools[0], out, operand, rows, updates, scatter) },
			noise(dtypes.Float32, 6, 5, 4),
		},
	} {
		theirs, err := testutil.Exec1(backend, inputs, c.theirs)
		if err != nil {
			t.Fatal(err)
		}
		c.ours(c.out)
		if equal, difference := testutil.IsEqual(theirs, shaped(t, backend, c.out)); !equal {
			t.Errorf("%s: %s", name, difference)
		}
	}
}

// shaped is a tensor as nested slices.
func shaped(t *testing.T, backend compute.Backend, x tensor.Tensor) any {
	t.Helper()
	buffer, err := backend.BufferFromFlatData(0, x.Flat(), x.Shape)
	if err != nil {
		t.Fatal(err)
	}
	v, err := testutil.FromBuffer(backend, buffer)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
