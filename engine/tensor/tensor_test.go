package tensor

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

func TestMemoryIsAligned(t *testing.T) {
	for n := 1; n < 300; n++ {
		b := Memory(n)
		if len(b) != n || uintptr(unsafe.Pointer(&b[0]))%Alignment != 0 {
			t.Fatalf("%d bytes: got %d at %p", n, len(b), &b[0])
		}
	}
}

func TestViews(t *testing.T) {
	x := FromFlat([]float32{1, 2, 3, 4, 5, 6}, shapes.Make(dtypes.Float32, 2, 3))
	Of[float32](x)[4] = 50
	if want := []float32{1, 2, 3, 4, 50, 6}; !slices.Equal(x.Flat().([]float32), want) {
		t.Errorf("got %v, want %v", x.Flat(), want)
	}
	empty := New(shapes.Make(dtypes.Int64, 0, 3))
	if len(Of[int64](empty)) != 0 || len(empty.Flat().([]int64)) != 0 {
		t.Error("an empty tensor has values")
	}
	yes := FromFlat([]bool{true, false}, shapes.Make(dtypes.Bool, 2))
	if got := Of[bool](yes); !got[0] || got[1] {
		t.Errorf("got %v", got)
	}
}

func TestWrongType(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("floats were read as integers")
		}
	}()
	Of[int32](New(shapes.Make(dtypes.Float32, 2)))
}
