package dots

import (
	"math"

	"atelier/internal/quant"
)

// block is the number of values of a vector that share a scale.
const block = 32

// activations are vectors quantized to 8 bits, in blocks of 32 with a scale each.
type activations struct {
	inBytes bool    // which of these is in use
	words   []int16 // [rows, cols]
	bytes   []int8  // [rows, cols]
	groups  []group // [rows, cols/size]
	size    int     // of a group: the number of values that share a scale of the weights
	offset  int32   // added to the weights
}

// A group describes some consecutive values.
type group struct {
	scale  float32 // of each integer
	sum    float32 // of the values, after quantization
	offset int32   // the negated excess of the sum of products due to weights being shifted to be non-negative
}

// least is the smallest absolute value whose block is not rounded to zero; 127 over it is finite.
const least = 1e-36

// offsets are added to weights to make them non-negative.
var offsets = [...]int32{quant.Q8_0: 128, quant.Q4_0: 8, quant.Q4_K: 0, quant.Q6_K: 32}

// quantize quantizes vectors for weights of a type, in parallel if there are many.
func (a *activations) quantize(p *product, t quant.Type) {
	n := p.rows * p.cols
	a.size, a.offset = groupSize(t), offsets[t]
	if p.dots.signed && t == quant.Q8_0 {
		a.offset = 0
	}
	if a.inBytes = p.dots.bytes || p.direct; a.inBytes {
		a.bytes = grown(a.bytes, n)
	} else {
		a.words = grown(a.words, n)
	}
	a.groups = grown(a.groups, n/a.size)
	if n < 2*quantizeWork {
		p.dots.quantize(a, 0, p.x)
	} else {
		p.dots.Run((n+quantizeWork-1)/quantizeWork, p.quantizing)
	}
}

// quantizeWork is the number of values per task.
const quantizeWork = 1 << 15

// quantize is a task of [activations.quantize].
func (p *product) quantize(_, task int) {
	first := task * quantizeWork
	p.dots.quantize(&p.active, first, p.x[first:min(first+quantizeWork, len(p.x))])
}

// grown returns s with n elements of arbitrary contents.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// groupSize is the number of weights of a type that share a scale.
func groupSize(t quant.Type) int {
	if t == quant.Q6_K {
		return 16
	}
	return block
}

// quantizeBlock returns the integers of a block, and their scale.
func quantizeBlock(x []float32) (whole [block]int8, scale float32) {
	most := uint32(0)
	for _, v := range x {
		most = max(most, math.Float32bits(v)&^(1<<31)) // ordered by absolute value; NaN is the largest
	}
	largest := math.Float32frombits(most)
	switch {
	case largest < least:
		return whole, 0
	case largest > math.MaxFloat32 || largest != largest:
		return whole, float32(math.NaN()) // 0 times it is also NaN
	}
	inverse := 127 / largest
	for i, v := range x {
		whole[i] = int8(math.RoundToEven(float64(v * inverse)))
	}
	return whole, largest / 127
}

// fill sets the groups of a block.
func fill(groups []group, whole *[block]int8, scale float32, offset int32) {
	size := block / len(groups)
	for g := range groups {
		sum := int32(0)
		for _, v := range whole[g*size : (g+1)*size] {
			sum += int32(v)
		}
		groups[g] = group{scale: scale, sum: scale * float32(sum), offset: -offset * sum}
	}
}

// quantizeWords writes 16-bit integers. In each group of four, the second and third are swapped,
// because the kernels split even and odd bytes of four weights.
func quantizeWords(a *activations, at int, x []float32) {
	for n := block / a.size; len(x) > 0; x, at = x[block:], at+block {
		whole, scale := quantizeBlock(x[:block])
		fill(a.groups[at/a.size:][:n], &whole, scale, a.offset)
		for i := 0; i < block; i += 4 {
			q := a.words[at+i : at+i+4]
			q[0], q[1], q[2], q[3] = int16(whole[i]), int16(whole[i+2]), int16(whole[i+1]), int16(whole[i+3])
		}
	}
}
