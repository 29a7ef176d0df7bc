package gguf

import "atelier/internal/quant"

// A packing is a type of ggml that is converted on reading to another one that represents the same
// numbers in more bytes. Files called Q4_K have Q5_0 tensors where row lengths are no multiple of
// 256.
type packing struct {
	name   string
	bytes  int // per block in the file
	as     quant.Type
	unpack func(dst, block []byte)
}

// packings are these types, by their numbers in files. Their blocks have as many values as those of
// the target types.
var packings = map[uint32]*packing{
	6: {"Q5_0", 22, quant.Q8_0, unpackQ50},
}

// unpackQ50 converts a block of Q5_0 to Q8_0: a float16 scale, the fifth bits of all values, and
// nibbles, the first half of the block in the lower ones. Values are stored with an offset of 16.
func unpackQ50(dst, block []byte) {
	copy(dst, block[:2])
	for i, nibbles := range block[6:22] {
		low := nibbles&15 | block[2+i/8]>>(i%8)&1<<4
		high := nibbles>>4 | block[4+i/8]>>(i%8)&1<<4
		dst[2+i], dst[2+16+i] = low-16, high-16
	}
}

// stored is the size of a tensor in the file, in bytes.
func (t *Tensor) stored() uint64 {
	if t.packed == nil {
		return uint64(t.Type.Bytes(t.Size()))
	}
	elements, _ := t.Type.Block()
	return uint64(t.Size() / elements * t.packed.bytes)
}

// Bytes are the values of a tensor in the layout of its type. They are part of the file, unless
// they were converted.
func (t *Tensor) Bytes() []byte {
	if t.packed == nil {
		return t.Data
	}
	_, size := t.Type.Block()
	blocks := len(t.Data) / t.packed.bytes
	out := make([]byte, blocks*size)
	for i := range blocks {
		t.packed.unpack(out[i*size:(i+1)*size], t.Data[i*t.packed.bytes:(i+1)*t.packed.bytes])
	}
	return out
}
