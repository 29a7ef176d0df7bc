package weights

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
)

// Bits by hand: NaN and infinity have every bit of the exponent set, the largest finite
// number has not.
func TestNotFinite(t *testing.T) {
	any := func(string) bool { return true }
	for _, c := range []struct {
		kind dtypes.DType
		bits []byte
		want bool
	}{
		{dtypes.Float32, []byte{0, 0, 0x80, 0x7f}, true}, {dtypes.Float32, []byte{0, 0, 0x80, 0xff}, true}, {dtypes.Float32, []byte{1, 0, 0xc0, 0x7f}, true},
		{dtypes.Float32, []byte{0xff, 0xff, 0x7f, 0x7f}, false}, {dtypes.Float64, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, true},
		{dtypes.Float64, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xef, 0xff}, false}, {dtypes.Float16, []byte{0, 0x7c}, true}, {dtypes.Float16, []byte{0xff, 0x7b}, false},
		{dtypes.BFloat16, []byte{0x80, 0x7f}, true}, {dtypes.BFloat16, []byte{0x7f, 0x7f}, false}, {dtypes.Int32, []byte{0xff, 0xff, 0xff, 0xff}, false},
	} {
		size := len(c.bits)
		f := &File{tensors: map[string]Tensor{
			"a": {c.kind, []int{3}, make([]byte, 3*size)},
			"b": {c.kind, []int{3}, append(make([]byte, 2*size), c.bits...)},
			"c": {c.kind, []int{1}, bytes.Clone(c.bits)},
		}}
		for at := range 9 { // wherever it stands
			data := slices.Repeat([]byte{0x01, 0x80, 0xff, 0x3b}, 18)
			copy(data[at*size:], c.bits)
			if ok := (Tensor{c.kind, []int{len(data) / size}, data}).finite(); ok == c.want {
				t.Errorf("%s % x at %d: finite is %v", c.kind, c.bits, at, ok)
			}
		}
		name, found := f.NotFinite(any)
		if found != c.want || found && name != "b" {
			t.Errorf("%s % x: %q, %v", c.kind, c.bits, name, found)
		}
		if name, found := f.NotFinite(func(name string) bool { return !strings.Contains("bc", name) }); found {
			t.Errorf("%s % x: %q does not count", c.kind, c.bits, name)
		}
	}
}
