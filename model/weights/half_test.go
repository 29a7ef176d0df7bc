package weights

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
)

// TestHalved keeps 8 significant bits of the selected tensors.
func TestHalved(t *testing.T) {
	var data []byte
	values := []float32{0, 1, -1.5, 0.3, 1e-3, -123.456}
	for _, x := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	f := &File{tensors: map[string]Tensor{"a": {dtypes.Float32, []int{6}, data}, "b": {dtypes.Float32, []int{6}, data}, "c": {dtypes.Int32, []int{6}, data}}}
	back := f.Halved(func(name string) bool { return name != "b" }).Widened()
	if len(back.tensors) != 2 || back.tensors["c"].DType != dtypes.Int32 || back.tensors["a"].DType != dtypes.Float32 {
		t.Fatal(back.tensors)
	}
	for i, x := range values {
		got := math.Float32frombits(binary.LittleEndian.Uint32(back.tensors["a"].Data[4*i:]))
		if math.Abs(float64(got-x)) > math.Abs(float64(x))/256 {
			t.Errorf("%g is %g", x, got)
		}
	}
}
