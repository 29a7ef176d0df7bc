package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A Kind is the type of a metadata value.
type Kind uint32

// The kinds, by their numbers in files.
const (
	Uint8 Kind = iota
	Int8
	Uint16
	Int16
	Uint32
	Int32
	Float32
	Bool
	String
	ArrayKind
	Uint64
	Int64
	Float64
	kinds
)

// widths are the sizes of each kind in bytes, 0 if variable.
var widths = [kinds]uint64{Uint8: 1, Int8: 1, Uint16: 2, Int16: 2, Uint32: 4, Int32: 4, Float32: 4, Bool: 1, Uint64: 8, Int64: 8, Float64: 8}

// An Array is a list of values of one kind, as encoded in the file.
type Array struct {
	Kind Kind
	Len  int
	raw  []byte
}

// value reads a metadata value.
func (r *reader) value(key string, kind Kind) any {
	switch {
	case r.err != nil:
		return nil
	case kind == ArrayKind:
		return r.array(key)
	case kind == String:
		return string(r.next(r.uint64()))
	case kind >= kinds:
		r.fail("the value of %s is of the unknown type %d", shown(key), kind)
		return nil
	}
	b := r.next(widths[kind])
	if b == nil {
		return nil
	}
	if kind == Bool && b[0] > 1 {
		r.fail("the value of %s is neither true nor false", shown(key))
	}
	return scalar(kind, b)
}

// scalar is a number or a boolean.
func scalar(kind Kind, b []byte) any {
	le := binary.LittleEndian
	switch kind {
	case Uint8:
		return b[0]
	case Int8:
		return int8(b[0])
	case Uint16:
		return le.Uint16(b)
	case Int16:
		return int16(le.Uint16(b))
	case Uint32:
		return le.Uint32(b)
	case Int32:
		return int32(le.Uint32(b))
	case Float32:
		return math.Float32frombits(le.Uint32(b))
	case Bool:
		return b[0] == 1
	case Uint64:
		return le.Uint64(b)
	case Int64:
		return int64(le.Uint64(b))
	}
	return math.Float64frombits(le.Uint64(b))
}

// array skips an array and checks that it is complete.
func (r *reader) array(key string) Array {
	kind, n := Kind(r.uint32()), r.uint64()
	switch {
	case r.err != nil:
		return Array{}
	case kind == ArrayKind:
		r.fail("the value of %s is an array of arrays, which no model has", shown(key))
		return Array{}
	case kind >= kinds:
		r.fail("the value of %s is an array of the unknown type %d", shown(key), kind)
		return Array{}
	}
	smallest := widths[kind]
	if kind == String {
		smallest = 8
	}
	if most := r.left() / smallest; n > most {
		r.fail("the value of %s is an array of %d elements; at most %d fit", shown(key), n, most)
		return Array{}
	}
	begin := r.at
	if kind == String {
		for range n {
			r.next(r.uint64())
		}
	} else {
		r.next(n * widths[kind])
	}
	if r.err != nil {
		return Array{}
	}
	return Array{kind, int(n), r.data[begin:r.at:r.at]}
}

// Strings returns a copy of a string array.
func (a Array) Strings() ([]string, error) {
	if a.Kind != String {
		return nil, fmt.Errorf("want an array of texts")
	}
	out, raw := make([]string, a.Len), a.raw
	for i := range out {
		n := binary.LittleEndian.Uint64(raw)
		out[i], raw = string(raw[8:8+n]), raw[8+n:]
	}
	return out, nil
}

// Floats returns a copy of a floating-point array.
func (a Array) Floats() ([]float32, error) {
	if a.Kind != Float32 {
		return nil, fmt.Errorf("want an array of 32-bit floating-point numbers")
	}
	out := make([]float32, a.Len)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(a.raw[4*i:]))
	}
	return out, nil
}

// Ints returns a copy of an integer array whose values fit into 32 bits.
func (a Array) Ints() ([]int32, error) {
	if a.Kind == String || a.Kind == Float32 || a.Kind == Float64 || a.Kind == Bool {
		return nil, fmt.Errorf("want an array of whole numbers")
	}
	out, width := make([]int32, a.Len), int(widths[a.Kind])
	for i := range out {
		v, ok := Int(scalar(a.Kind, a.raw[i*width:]))
		if !ok || v < math.MinInt32 || v > math.MaxInt32 {
			return nil, fmt.Errorf("element %d does not fit into 32 bits", i)
		}
		out[i] = int32(v)
	}
	return out, nil
}

// Int converts an integer value.
func Int(v any) (int64, bool) {
	switch v := v.(type) {
	case uint8:
		return int64(v), true
	case int8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case int16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case int32:
		return int64(v), true
	case uint64:
		return int64(v), v <= math.MaxInt64
	case int64:
		return v, true
	}
	return 0, false
}

// StringArray makes a string array.
func StringArray(texts []string) Array {
	a := Array{Kind: String, Len: len(texts)}
	for _, s := range texts {
		a.raw = append(binary.LittleEndian.AppendUint64(a.raw, uint64(len(s))), s...)
	}
	return a
}

// FloatArray makes a floating-point array.
func FloatArray(values []float32) Array {
	a := Array{Kind: Float32, Len: len(values)}
	for _, v := range values {
		a.raw = binary.LittleEndian.AppendUint32(a.raw, math.Float32bits(v))
	}
	return a
}

// IntArray makes an integer array.
func IntArray(values []int32) Array {
	a := Array{Kind: Int32, Len: len(values)}
	for _, v := range values {
		a.raw = binary.LittleEndian.AppendUint32(a.raw, uint32(v))
	}
	return a
}
