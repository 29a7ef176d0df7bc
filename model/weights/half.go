package weights

import (
	"encoding/binary"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/float16"
)

// spareBits are the lowest bits of a number of half precision that are left out.
const spareBits = 3

// Halved returns the selected tensors with numbers of half precision, of which 8 significant bits
// are kept, so that they compress well: for weights that come with the program.
func (f *File) Halved(counts func(name string) bool) *File {
	return f.converted(counts, dtypes.Float32, dtypes.Float16, func(from []byte) []byte {
		out := make([]byte, 0, len(from)/2)
		for ; len(from) >= 4; from = from[4:] {
			x := math.Float32frombits(binary.LittleEndian.Uint32(from))
			bits := float16.FromFloat32(x).Bits()
			const half = 1 << (spareBits - 1)
			out = binary.LittleEndian.AppendUint16(out, (bits+half)&^(1<<spareBits-1))
		}
		return out
	})
}

// Widened returns all tensors, those of half precision in single precision.
func (f *File) Widened() *File {
	all := func(string) bool { return true }
	return f.converted(all, dtypes.Float16, dtypes.Float32, func(from []byte) []byte {
		out := make([]byte, 0, 2*len(from))
		for ; len(from) >= 2; from = from[2:] {
			x := float16.FromBits(binary.LittleEndian.Uint16(from)).Float32()
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
		}
		return out
	})
}

// converted returns the selected tensors, those of one type converted to another.
func (f *File) converted(counts func(name string) bool, from, to dtypes.DType, convert func([]byte) []byte) *File {
	out := &File{Metadata: f.Metadata, name: f.name, frozen: f.frozen, tensors: map[string]Tensor{}}
	for name, t := range f.tensors {
		if !counts(name) {
			continue
		}
		if t.DType == from {
			t.DType, t.Data = to, convert(t.Data)
		}
		out.tensors[name] = t
	}
	return out
}
