package weights

import (
	"encoding/binary"

	"github.com/gomlx/compute/dtypes"
)

// exponents are the bits of a floating-point number that are all set where it is NaN or
// infinite, by its type.
var exponents = map[dtypes.DType]uint64{
	dtypes.Float64: 0x7ff << 52, dtypes.Float32: 0xff << 23, dtypes.BFloat16: 0xff << 7, dtypes.Float16: 0x1f << 10,
}

// NotFinite returns the first tensor, in the order of their names, that has a NaN or an
// infinity, of those that count.
func (f *File) NotFinite(counts func(name string) bool) (name string, found bool) {
	for _, name := range f.Names() {
		if counts(name) && !f.tensors[name].finite() {
			return name, true
		}
	}
	return "", false
}

func (t Tensor) finite() bool {
	mask, ok := exponents[t.DType]
	if !ok {
		return true
	}
	size := t.DType.Size()
	for at := 0; at+size <= len(t.Data); at += size {
		var bits uint64
		switch size {
		case 2:
			bits = uint64(binary.LittleEndian.Uint16(t.Data[at:]))
		case 4:
			bits = uint64(binary.LittleEndian.Uint32(t.Data[at:]))
		default:
			bits = binary.LittleEndian.Uint64(t.Data[at:])
		}
		if bits&mask == mask {
			return false
		}
	}
	return true
}
