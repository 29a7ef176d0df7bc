package cpu

import (
	"testing"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/simd"
)

// The memory of a finalized result is reused, unless a slice of it was
// handed out.
func TestFinalizedMemory(t *testing.T) {
	b, err := New(simd.Best(), 1)
	if err != nil {
		t.Fatal(err)
	}
	shape := shapes.Make(dtypes.Float32, 3)
	builder := b.Builder("negation")
	x, err := builder.Main().Parameter("x", shape, nil)
	if err != nil {
		t.Fatal(err)
	}
	y, err := builder.Main().Neg(x)
	if err != nil {
		t.Fatal(err)
	}
	if err := builder.Main().Return([]compute.Value{y}, nil); err != nil {
		t.Fatal(err)
	}
	e, err := builder.Compile()
	if err != nil {
		t.Fatal(err)
	}
	in, err := b.BufferFromFlatData(0, []float32{1, 2, 3}, shape)
	if err != nil {
		t.Fatal(err)
	}
	place := func(lend bool) (*byte, []float32) {
		out, err := e.Execute([]compute.Buffer{in}, []bool{false}, 0)
		if err != nil {
			t.Fatal(err)
		}
		at := unsafe.SliceData(out[0].(*Buffer).value.Bytes)
		var lent []float32
		if lend {
			flat, err := out[0].Data()
			if err != nil {
				t.Fatal(err)
			}
			lent = flat.([]float32)
		}
		for range 2 { // letting go of it twice is letting go of it once
			if err := out[0].Finalize(); err != nil {
				t.Fatal(err)
			}
		}
		return at, lent
	}
	first, _ := place(false)
	second, lent := place(true)
	if first != second {
		t.Error("a result has other memory than the one before it, which was finalized")
	}
	third, _ := place(false)
	if third == second {
		t.Error("a result has memory of which a slice was handed out")
	}
	if lent[2] != -3 {
		t.Errorf("the slice that was handed out holds %v", lent)
	}
}
