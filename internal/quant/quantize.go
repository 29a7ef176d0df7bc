package quant

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Quantize returns a matrix of values, rounded as ggml does. Types whose scales are quantized
// themselves can only be read.
func Quantize(t Type, rows, cols int, values []float32) (Matrix, error) {
	if t >= types || writers[t] == nil {
		return Matrix{}, fmt.Errorf("numbers can't be stored as %s; possible are %s, %s, %s, %s and %s", t, F32, F16, BF16, Q8_0, Q4_0)
	}
	elements, size := t.Block()
	if cols%elements != 0 || rows < 1 || cols < 1 || len(values)%rows != 0 || len(values)/rows != cols {
		return Matrix{}, fmt.Errorf("%d numbers are no %d × %d, a row of which is a whole number of blocks of %d", len(values), rows, cols, elements)
	}
	// Allocated as words, so that float32 are aligned.
	words := make([]float32, (rows*t.Bytes(cols)+3)/4)
	data := Floats32(words).Data[:rows*t.Bytes(cols)]
	for i := 0; i < len(values); i += elements {
		block := values[i : i+elements]
		if elements > 1 {
			for k, v := range block {
				if v-v != 0 { // not finite
					return Matrix{}, fmt.Errorf("number %d of row %d is %g, which %s can't represent", (i+k)%cols, (i+k)/cols, v, t)
				}
			}
		}
		writers[t](data[i/elements*size:], block)
	}
	return NewMatrix(t, rows, cols, data)
}

// writers encode one block of a type.
var writers = [types]func(dst []byte, values []float32){
	F32:  func(dst []byte, v []float32) { binary.LittleEndian.PutUint32(dst, math.Float32bits(v[0])) },
	F16:  func(dst []byte, v []float32) { binary.LittleEndian.PutUint16(dst, toHalf(v[0])) },
	BF16: func(dst []byte, v []float32) { binary.LittleEndian.PutUint16(dst, toBfloat(v[0])) },
	Q8_0: writeQ80, Q4_0: writeQ40,
}

// writeQ80 scales the largest absolute value to 127, and rounds halves away from zero.
func writeQ80(dst []byte, values []float32) {
	largest := float32(0)
	for _, v := range values {
		largest = max(largest, float32(math.Abs(float64(v))))
	}
	scale := largest / 127
	binary.LittleEndian.PutUint16(dst, toHalf(scale))
	inverse := inverseOf(scale)
	for i, v := range values {
		dst[2+i] = uint8(int8(math.Round(float64(v * inverse))))
	}
}

// writeQ40 scales the value with the largest magnitude to -8; its sign is that of the scale.
func writeQ40(dst []byte, values []float32) {
	furthest := float32(0)
	for _, v := range values {
		if math.Abs(float64(v)) > math.Abs(float64(furthest)) {
			furthest = v
		}
	}
	scale := furthest / -8
	binary.LittleEndian.PutUint16(dst, toHalf(scale))
	inverse := inverseOf(scale)
	nibble := func(v float32) uint8 { return uint8(min(15, float32(v*inverse)+8.5)) }
	for i := range 16 {
		dst[2+i] = nibble(values[i]) | nibble(values[i+16])<<4
	}
}

// inverseOf is 1 over a scale, or 0 if that overflows: such small scales are 0 as float16.
func inverseOf(scale float32) float32 {
	if math.Abs(float64(scale)) < 1e-30 {
		return 0
	}
	return 1 / scale
}

// toHalf rounds to the nearest float16, ties to even.
func toHalf(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	bits &^= 1 << 31
	switch {
	case bits > 0xff<<23: // NaN
		return sign | 0x7e00 | uint16(bits>>13&0x3ff)
	case bits >= (127+16)<<23:
		return sign | 0x7c00
	case bits < (127-14)<<23: // below 2^-14 the spacing is that of a float32 near 1/2
		return sign | uint16(math.Float32bits(math.Float32frombits(bits)+0.5)-math.Float32bits(0.5))
	}
	bits -= (127 - 15) << 23
	return sign | uint16((bits+0xfff+bits>>13&1)>>13)
}

// toBfloat rounds to the nearest bfloat16, ties to even.
func toBfloat(x float32) uint16 {
	bits := math.Float32bits(x)
	if x != x {
		return uint16(bits>>16) | 0x40
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
