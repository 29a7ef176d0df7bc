package gguf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Parse parses a file in memory, possibly mapped.
func Parse(data []byte) (*File, error) {
	if len(data) < len(magic) || string(data[:len(magic)]) != magic {
		return nil, errors.New("not a GGUF file: it does not begin with the letters GGUF")
	}
	r := &reader{data: data[:min(len(data), mostHeader)], whole: len(data) <= mostHeader, at: len(magic)}
	switch v := r.uint32(); {
	case r.err != nil:
		return nil, r.err
	case v == bits.ReverseBytes32(2) || v == bits.ReverseBytes32(3):
		return nil, errors.New("a GGUF file with big-endian numbers; little-endian ones are read")
	case v < 2 || v > version:
		return nil, fmt.Errorf("a GGUF file of version %d; versions 2 and 3 are read", v)
	}
	tensors, pairs := r.uint64(), r.uint64()
	f := &File{byKey: map[string]any{}}
	r.pairs(f, pairs)
	r.tensors(f, tensors, data)
	if r.err != nil {
		return nil, r.err
	}
	return f, nil
}

// A reader reads a header. After the first error it returns zeros.
type reader struct {
	data  []byte // at most the largest header
	whole bool   // whether that is the whole file
	at    int
	err   error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// left is the number of remaining bytes.
func (r *reader) left() uint64 { return uint64(len(r.data) - r.at) }

// next returns the next n bytes, nil if there are fewer.
func (r *reader) next(n uint64) []byte {
	switch {
	case r.err != nil:
		return nil
	case n > r.left() && r.whole:
		r.fail("the file is truncated: at byte %d %d more should follow, but only %d do", r.at, n, r.left())
		return nil
	case n > r.left():
		r.fail("the header has more than %d bytes", mostHeader)
		return nil
	}
	b := r.data[r.at : r.at+int(n) : r.at+int(n)]
	r.at += int(n)
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.next(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.next(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// name reads a key, or the name of a tensor.
func (r *reader) name() string {
	n := r.uint64()
	if n > longestName {
		r.fail("a name of %d bytes at byte %d; the longest have %d", n, r.at-8, longestName)
	}
	return string(r.next(n))
}

// pairs reads the metadata.
func (r *reader) pairs(f *File, count uint64) {
	if most := min(mostPairs, r.left()/smallestPair); r.err == nil && count > most {
		r.fail("%d keys of metadata cannot be: at most %d fit", count, most)
	}
	for range count {
		key := r.name()
		kind := Kind(r.uint32())
		value := r.value(key, kind)
		if _, ok := f.byKey[key]; ok {
			r.fail("the key %s is duplicated", shown(key))
		}
		if r.err != nil {
			return
		}
		f.byKey[key] = value
		f.Pairs = append(f.Pairs, Pair{key, value})
	}
}

// tensors reads the descriptions of the tensors, and assigns the data.
func (r *reader) tensors(f *File, count uint64, data []byte) {
	if most := min(mostTensors, r.left()/smallestTensor); r.err == nil && count > most {
		r.fail("%d tensors cannot be: at most %d fit", count, most)
	}
	alignment := r.alignment(f)
	names := map[string]bool{}
	var offsets []uint64
	for range count {
		t, offset := r.tensor()
		switch {
		case r.err != nil:
			return
		case names[t.Name]:
			r.fail("tensor %s is duplicated", shown(t.Name))
		case offset%alignment != 0:
			r.fail("tensor %s begins at %d, which is no multiple of the alignment %d", shown(t.Name), offset, alignment)
		}
		names[t.Name] = true
		f.Tensors, offsets = append(f.Tensors, t), append(offsets, offset)
	}
	if r.err != nil {
		return
	}
	begin := (uint64(r.at) + alignment - 1) / alignment * alignment
	data = data[min(begin, uint64(len(data))):]
	for i := range f.Tensors {
		t := &f.Tensors[i]
		size := t.stored()
		if offsets[i] > uint64(len(data)) || size > uint64(len(data))-offsets[i] {
			r.fail("tensor %s claims %d bytes from %d on, but the file has %d bytes of tensors: it is damaged, or not all there", shown(t.Name), size, offsets[i], len(data))
			return
		}
		t.Data = data[offsets[i]:][:size:size]
	}
	r.err = overlap(f.Tensors, offsets)
}

// alignment is the alignment of tensor data.
func (r *reader) alignment(f *File) uint64 {
	switch v := f.Value(keyAlignment).(type) {
	case nil:
	case uint32:
		if v < 8 || v > mostAlignment || v&(v-1) != 0 {
			r.fail("%s is %d; want a power of 2 from 8 to %d", keyAlignment, v, mostAlignment)
			break
		}
		return uint64(v)
	default:
		r.fail("%s is %v; want a 32-bit whole number", keyAlignment, v)
	}
	return usualAlignment
}

// tensor reads the description of a tensor.
func (r *reader) tensor() (t Tensor, offset uint64) {
	t.Name = r.name()
	dims := r.uint32()
	if dims < 1 || dims > mostDims {
		r.fail("tensor %s has %d dimensions; want 1 to %d", shown(t.Name), dims, mostDims)
		return t, 0
	}
	t.Dims = make([]int, dims)
	elements := uint64(1)
	for i := range t.Dims {
		d := r.uint64()
		if hi, lo := bits.Mul64(elements, d); d < 1 || hi > 0 || lo > math.MaxInt64/8 {
			r.fail("tensor %s has a dimension of %d, which none can have", shown(t.Name), d)
			return t, 0
		}
		elements *= d
		t.Dims[len(t.Dims)-1-i] = int(d)
	}
	number := r.uint32()
	offset = r.uint64()
	if r.err != nil {
		return t, 0
	}
	if err := t.setType(number); err != nil {
		r.fail("tensor %s %w", shown(t.Name), err)
		return t, 0
	}
	r.block(&t)
	return t, offset
}

// block checks that rows consist of whole blocks.
func (r *reader) block(t *Tensor) {
	row := t.Dims[len(t.Dims)-1]
	if elements, _ := t.Type.Block(); row%elements != 0 {
		r.fail("tensor %s has rows of %d numbers, which is no multiple of the %d of a block of %s", shown(t.Name), row, elements, t.Type)
	}
}
