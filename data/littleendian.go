package data

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// nativeLittle reports whether this machine is little-endian.
var nativeLittle = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// littleEndian returns the numbers of the column as bytes that are the same on
// every machine. They may be the column's own memory.
func littleEndian(c Column) []byte {
	if nativeLittle {
		return inMemory(c)
	}
	out := make([]byte, 0, 4*(len(c.Floats)+len(c.Ints)))
	for _, v := range c.Floats {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	for _, v := range c.Ints {
		out = binary.LittleEndian.AppendUint32(out, uint32(v))
	}
	return out
}

// inMemory is the memory of the column's numbers.
func inMemory(c Column) []byte {
	if c.Ints != nil {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.Ints))), 4*len(c.Ints))
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(c.Floats))), 4*len(c.Floats))
}

// numbersIn returns the 4-byte numbers that lie in a piece of memory whose address
// is a multiple of 4.
func numbersIn[T float32 | int32](memory []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(memory))), len(memory)/4)
}
