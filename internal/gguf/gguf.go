// Package gguf reads and writes the model files of ggml and llama.cpp. The reader is defensive: a
// file with wrong lengths, counts or offsets gives a one-line error, and costs no more memory than
// a small multiple of its header.
//
// The format: github.com/ggml-org/ggml/blob/master/docs/gguf.md. Files are little-endian, of
// version 2 or 3, which do not differ in what is read here.
package gguf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"atelier/internal/quant"
)

// Limits of a header.
const (
	mostHeader  = 256 << 20 // bytes; a vocabulary of 256,000 tokens takes about 10 MB
	mostPairs   = 1 << 16
	mostTensors = 1 << 16
	mostDims    = 4
	longestName = 64 << 10 // bytes

	magic            = "GGUF"
	version          = 3
	usualAlignment   = 32
	mostAlignment    = 1 << 16
	keyAlignment     = "general.alignment"
	smallestPair     = 8 + 4 + 1         // a name, a type, a byte
	smallestTensor   = 8 + 4 + 8 + 4 + 8 // a name, a dimension, a type, an offset
	longestNameShown = 100
)

// A Pair is a key of the metadata with its value: uint8, int8, uint16, int16, uint32, int32,
// uint64, int64, float32, float64, bool, string, or an [Array].
type Pair struct {
	Key   string
	Value any
}

// A Tensor is a tensor of a file.
type Tensor struct {
	Name string
	Type quant.Type
	Dims []int  // outermost first, as in Go; files have the reverse order
	Data []byte // row-major, as in the file: see Bytes

	packed *packing // nil if Data is of Type
}

// A File is a parsed file. Its arrays and tensors share the memory of the file.
type File struct {
	Pairs   []Pair
	Tensors []Tensor

	byKey map[string]any
}

// Value returns the value of a key, nil if there is none.
func (f *File) Value(key string) any { return f.byKey[key] }

// types are the numbers of tensor types in files.
var types = map[uint32]quant.Type{
	0: quant.F32, 1: quant.F16, 2: quant.Q4_0, 8: quant.Q8_0, 12: quant.Q4_K, 14: quant.Q6_K, 30: quant.BF16,
}

// foreign are the unsupported types of ggml.
var foreign = map[uint32]string{
	3: "Q4_1", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 13: "Q5_K", 15: "Q8_K",
	16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS",
	24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}

// setType sets the type of a tensor by its number in files.
func (t *Tensor) setType(number uint32) error {
	if p, ok := packings[number]; ok {
		t.Type, t.packed = p.as, p
		return nil
	}
	var ok bool
	if t.Type, ok = types[number]; ok {
		return nil
	}
	name, ok := foreign[number]
	if !ok {
		name = fmt.Sprint("number ", number)
	}
	return fmt.Errorf("is of type %s, which is not read; those that are read are %s", name, strings.Join(TypeNames(), ", "))
}

// TypeNames returns the names of the supported types.
func TypeNames() (names []string) {
	for _, t := range slices.Sorted(maps.Values(types)) {
		names = append(names, t.String())
	}
	for _, number := range slices.Sorted(maps.Keys(packings)) {
		names = append(names, packings[number].name)
	}
	return names
}

// numberOf is the number of a type in files.
func numberOf(t quant.Type) (uint32, error) {
	for number, other := range types {
		if other == t {
			return number, nil
		}
	}
	return 0, fmt.Errorf("no GGUF file has tensors of %s", t)
}

// Size is the number of elements of a tensor.
func (t *Tensor) Size() int {
	n := 1
	for _, d := range t.Dims {
		n *= d
	}
	return n
}

// Matrix returns the tensor as a matrix, whose rows are the innermost dimension.
func (t *Tensor) Matrix() (quant.Matrix, error) {
	cols := t.Dims[len(t.Dims)-1]
	return quant.NewMatrix(t.Type, t.Size()/cols, cols, t.Bytes())
}

// overlap finds two tensors that share bytes of the file, given their offsets.
func overlap(tensors []Tensor, offsets []uint64) error {
	order := make([]int, len(tensors))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if offsets[a] != offsets[b] {
			return int(min(max(int64(offsets[a]-offsets[b]), -1), 1))
		}
		return a - b
	})
	for k := 1; k < len(order); k++ {
		a, b := order[k-1], order[k]
		if offsets[a]+uint64(len(tensors[a].Data)) > offsets[b] {
			return fmt.Errorf("tensors %s and %s overlap", shown(tensors[a].Name), shown(tensors[b].Name))
		}
	}
	return nil
}

// shown is a name for messages.
func shown(name string) string {
	if len(name) > longestNameShown {
		name = name[:longestNameShown] + "…"
	}
	return fmt.Sprintf("%q", name)
}
