// Package quant implements matrices in the formats of GGUF files: floating-point numbers, or blocks
// of small integers with a scale each, in the layouts of ggml.
package quant

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// A Type is the storage type of a matrix.
type Type uint8

// The types, by their names in GGUF files.
const (
	F32 Type = iota
	F16
	BF16
	Q8_0 // blocks of 32: a float16 scale, 32 int8
	Q4_0 // blocks of 32: a float16 scale, 16 bytes of two nibbles
	Q4_K // blocks of 256: two float16 scales, 8 scales and minima of 6 bits, nibbles
	Q6_K // blocks of 256: 6 bits each, 16 int8 scales, a float16 scale
	types
)

var layouts = [types]struct {
	name            string
	elements, bytes int // per block
}{
	F32: {"F32", 1, 4}, F16: {"F16", 1, 2}, BF16: {"BF16", 1, 2},
	Q8_0: {"Q8_0", 32, 34}, Q4_0: {"Q4_0", 32, 18}, Q4_K: {"Q4_K", 256, 144}, Q6_K: {"Q6_K", 256, 210},
}

// String is the name of the type in GGUF files.
func (t Type) String() string {
	if t >= types {
		return fmt.Sprintf("type %d", uint8(t))
	}
	return layouts[t].name
}

// Block returns the number of elements of a block and its size in bytes.
func (t Type) Block() (elements, bytes int) { return layouts[t].elements, layouts[t].bytes }

// Bytes is the size of a row of n elements, a multiple of the type's block.
func (t Type) Bytes(elements int) int { return elements / layouts[t].elements * layouts[t].bytes }

// A Matrix is stored row by row. Its data may be part of a mapped file and must not be written to.
type Matrix struct {
	Type       Type
	Rows, Cols int
	Data       []byte // little-endian; that of F32 is aligned to 4 bytes
}

// NewMatrix returns a matrix of data, after checking its size.
func NewMatrix(t Type, rows, cols int, data []byte) (Matrix, error) {
	switch {
	case t >= types || rows < 1 || cols < 1:
		return Matrix{}, fmt.Errorf("no matrix has %d × %d numbers of %s", rows, cols, t)
	case cols%layouts[t].elements != 0:
		return Matrix{}, fmt.Errorf("a row of %d numbers is no whole number of blocks of %s, which have %d", cols, t, layouts[t].elements)
	case len(data)%t.Bytes(cols) != 0 || len(data)/t.Bytes(cols) != rows:
		return Matrix{}, fmt.Errorf("%d × %d numbers of %s take %d rows of %d bytes, not %d bytes", rows, cols, t, rows, t.Bytes(cols), len(data))
	}
	m := Matrix{Type: t, Rows: rows, Cols: cols, Data: data}
	if t == F32 && uintptr(unsafe.Pointer(&data[0]))%4 != 0 {
		m.Data = Floats32(m.Values()).Data
	}
	return m, nil
}

// Floats32 returns a matrix of one row that shares the memory of values.
func Floats32(values []float32) Matrix {
	return Matrix{Type: F32, Rows: 1, Cols: len(values), Data: unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))}
}

// Dense returns a matrix with the given number of rows that shares the memory of values.
func Dense(values []float32, rows int) Matrix {
	m := Floats32(values)
	m.Rows, m.Cols = rows, len(values)/rows
	return m
}

// Floats returns the values of an F32 matrix, without copying them.
func (m Matrix) Floats() []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(m.Data))), m.Rows*m.Cols)
}

// Empty reports whether there is no matrix.
func (m Matrix) Empty() bool { return m.Rows == 0 }

// Values returns all values, row by row.
func (m Matrix) Values() []float32 {
	out := make([]float32, m.Rows*m.Cols)
	for i := range m.Rows {
		m.Row(i, out[i*m.Cols:(i+1)*m.Cols])
	}
	return out
}

// Row writes the values of row i to dst, of Cols elements.
func (m Matrix) Row(i int, dst []float32) {
	size := m.Type.Bytes(m.Cols)
	data := m.Data[i*size : (i+1)*size]
	switch m.Type {
	case F32:
		for k := range dst {
			dst[k] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*k:]))
		}
	case F16:
		for k := range dst {
			dst[k] = half(data[2*k:])
		}
	case BF16:
		for k := range dst {
			dst[k] = bfloat16.FromBits(binary.LittleEndian.Uint16(data[2*k:])).Float32()
		}
	default:
		elements, bytes := m.Type.Block()
		for k := 0; k < len(dst); k += elements {
			blocks[m.Type](dst[k:k+elements], data[k/elements*bytes:])
		}
	}
}

// half reads a float16.
func half(b []byte) float32 { return float16.FromBits(binary.LittleEndian.Uint16(b)).Float32() }

// blocks decode one block of a quantized type.
var blocks = [types]func(dst []float32, block []byte){Q8_0: readQ80, Q4_0: readQ40, Q4_K: readQ4K, Q6_K: readQ6K}

func readQ80(dst []float32, block []byte) {
	scale := half(block)
	for i := range dst {
		dst[i] = scale * float32(int8(block[2+i]))
	}
}

// readQ40 decodes the first half of the block from the lower nibbles, the second from the upper.
func readQ40(dst []float32, block []byte) {
	scale := half(block)
	for i, b := range block[2:18] {
		dst[i] = scale * float32(int(b&15)-8)
		dst[i+16] = scale * float32(int(b>>4)-8)
	}
}
