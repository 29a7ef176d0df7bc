package quant

import "encoding/binary"

// scalesOf are the offsets of the float16 scales in a block of a quantized type.
var scalesOf = [types][]int{Q8_0: {0}, Q4_0: {0}, Q4_K: {0, 2}, Q6_K: {q6kScale}}

// Finite reports whether all values are finite. For quantized types it only checks the scales, on
// which that depends.
func (m Matrix) Finite() bool {
	const f32, f16, bf16 = 0x7f800000, 0x7c00, 0x7f80 // the exponents of what is not finite
	data := m.Data
	switch m.Type {
	case F32:
		for ; len(data) >= 4; data = data[4:] {
			if binary.LittleEndian.Uint32(data)&f32 == f32 {
				return false
			}
		}
		return true
	case F16:
		return exponentsDiffer(data, f16)
	case BF16:
		return exponentsDiffer(data, bf16)
	}
	_, size := m.Type.Block()
	for ; len(data) >= size; data = data[size:] {
		for _, at := range scalesOf[m.Type] {
			if !exponentsDiffer(data[at:at+2], f16) {
				return false
			}
		}
	}
	return true
}

// exponentsDiffer reports whether no 16-bit value has all bits of a mask set.
func exponentsDiffer(data []byte, mask uint16) bool {
	for ; len(data) >= 2; data = data[2:] {
		if binary.LittleEndian.Uint16(data)&mask == mask {
			return false
		}
	}
	return true
}
