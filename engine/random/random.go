// Package random makes random bits by counting: every 16 bytes are a function of
// a key and of their number, so threads need not wait for one another and the
// same state gives the same bits on every machine.
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
	size  = 16   // bytes of a counter's value
	chunk = 4096 // counters of a task: 64 KB
)

// A stream is a state of the generator: the key and the counter of the next value.
type stream struct{ key, low, high uint64 }

// at is the stream n values on.
func (s stream) at(n uint64) stream {
	var carry uint64
	s.low, carry = bits.Add64(s.low, n, 0)
	s.high += carry
	return s
}

// Bits fills values with random bits, whatever their dtype: integers are uniform,
// floats are not (any pattern may come, NaN among them), booleans are fair. The
// state, of shape compute.RNGStateShape, is the key and a counter of 128 bits, the
// lower half first; newState, which may be the same memory, counts on from where
// values end. Two draws from states that follow one another share no bits. It
// panics where a state has another shape.
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

// fill writes the values of the stream, little end first; the last may be cut short.
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
