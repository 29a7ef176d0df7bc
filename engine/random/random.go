// Package random generates random bits with a counter-based generator: every 16 bytes are a
// function of a key and a counter, so that threads are independent and the same state gives the
// same bits on every machine.
package random

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/tensor"
	"atelier/engine/threads"
)

const (
	size  = 16   // bytes per counter value
	chunk = 4096 // counters per task: 64 KB
)

// A stream is a state of the generator: the key and the counter of the next value.
type stream struct{ key, low, high uint64 }

// at is the stream advanced by n values.
func (s stream) at(n uint64) stream {
	var carry uint64
	s.low, carry = bits.Add64(s.low, n, 0)
	s.high += carry
	return s
}

// Bits fills values with random bits, whatever their dtype: integers are uniform, floats are not
// (any bit pattern may occur, including NaN), booleans are fair. The state, of shape
// compute.RNGStateShape, is the key and a counter of 128 bits, the lower half first; newState,
// which may share its memory, continues where values end. Draws from consecutive states share no
// bits. It panics if a state has another shape.
func Bits(pool *threads.Pool, newState, values, state tensor.Tensor) {
	for _, t := range []tensor.Tensor{newState, state} {
		if !t.Shape.Equal(compute.RNGStateShape) {
			panic(fmt.Sprintf("random: a state of shape %s, want %s", t.Shape, compute.RNGStateShape))
		}
	}
	words := tensor.Of[uint64](state)
	s := stream{words[0], words[1], words[2]}
	out := values.Bytes
	counters := (len(out) + size - 1) / size
	pool.Run((counters+chunk-1)/chunk, func(_, task int) {
		first := task * chunk
		part := out[first*size : min((first+chunk)*size, len(out))]
		s.at(uint64(first)).fill(part)
		if values.Shape.DType == dtypes.Bool {
			for i := range part {
				part[i] &= 1
			}
		}
	})
	end := s.at(uint64(counters))
	copy(tensor.Of[uint64](newState), []uint64{end.key, end.low, end.high})
}

// fill writes the values of the stream, little-endian; the last may be truncated.
func (s stream) fill(out []byte) {
	for ; len(out) >= size; s = s.at(1) {
		low, high := philox(s.low, s.high, s.key)
		binary.LittleEndian.PutUint64(out, low)
		binary.LittleEndian.PutUint64(out[8:], high)
		out = out[size:]
	}
	if len(out) > 0 {
		var last [size]byte
		s.fill(last[:])
		copy(out, last[:])
	}
}

// philox is Philox4x32-10: 128 random bits from a counter and a key, lower words first (Salmon,
// Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011).
func philox(low, high, key uint64) (uint64, uint64) {
	const (
		multiplier0, multiplier1 = 0xd2511f53, 0xcd9e8d57
		weyl0, weyl1             = 0x9e3779b9, 0xbb67ae85
		rounds                   = 10
	)
	c0, c1, c2, c3 := uint32(low), uint32(low>>32), uint32(high), uint32(high>>32)
	k0, k1 := uint32(key), uint32(key>>32)
	for range rounds {
		p0, p1 := multiplier0*uint64(c0), multiplier1*uint64(c2)
		c0, c1, c2, c3 = uint32(p1>>32)^c1^k0, uint32(p1), uint32(p0>>32)^c3^k1, uint32(p0)
		k0 += weyl0
		k1 += weyl1
	}
	return uint64(c0) | uint64(c1)<<32, uint64(c2) | uint64(c3)<<32
}
