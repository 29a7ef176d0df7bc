package weights

import (
	"encoding/binary"

	"github.com/gomlx/compute/dtypes"
)

// exponents are the exponent bits of each floating-point type, all of which are set in NaN and
// infinity.
var exponents = map[dtypes.DType]uint64{
	dtypes.Float64: 0x7ff << 52, dtypes.Float32: 0xff << 23, dtypes.BFloat16: 0xff << 7, dtypes.Float16: 0x1f << 10,
}

// NotFinite returns the first selected tensor, by name, that has a NaN or an infinity.
func (f *File) NotFinite(counts func(name string) bool) (name string, found bool) {
	for _, name := range f.Names() {
		if counts(name) && !f.tensors[name].finite() {
			return name, true
		}
	}
	return "", false
}

// finite checks 8 bytes at a time: adding the lowest exponent bit carries into the sign bit exactly
// if all exponent bits are set.
func (t Tensor) finite() bool {
	mask, ok := exponents[t.DType]
	if !ok {
		return true
	}
	each := uint64(1) // the lowest exponent bit of each number in 8 bytes
	for at := 8 * t.DType.Size(); at < 64; at += 8 * t.DType.Size() {
		each |= 1 << at
	}
	low := mask & -mask
	masks, lows, signs, carried := mask*each, low*each, (mask+low)*each, uint64(0)
	rest := t.Data
	for ; len(rest) >= 8; rest = rest[8:] {
		carried |= binary.LittleEndian.Uint64(rest)&masks + lows
	}
	var last [8]byte
	copy(last[:], rest)
	carried |= binary.LittleEndian.Uint64(last[:])&masks + lows
	return carried&signs == 0
}
