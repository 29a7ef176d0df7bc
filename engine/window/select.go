package window

import (
	"fmt"
	"math"

	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// SelectAndScatterMax is the gradient of a maximum over windows: each element of
// source is added to out at the largest element of its window over the operand,
// the first one if there are several. NaN is larger than everything. The rest of
// out is 0. A window without elements adds nothing.
func SelectAndScatterMax(pool *threads.Pool, out, operand, source tensor.Tensor, w Window) {
	selectAndScatter(pool, out, operand, source, w, compute.ReduceOpMax)
}

// SelectAndScatterMin is [SelectAndScatterMax] at the smallest element; NaN is
// smaller than everything.
func SelectAndScatterMin(pool *threads.Pool, out, operand, source tensor.Tensor, w Window) {
	selectAndScatter(pool, out, operand, source, w, compute.ReduceOpMin)
}

// selectAndScatter finds the selection for the type.
func selectAndScatter(pool *threads.Pool, out, operand, source tensor.Tensor, w Window, kind compute.ReduceOpType) {
	clear(out.Bytes)
	switch dtype := operand.Shape.DType; dtype {
	case dtypes.Int8:
		selectWith(pool, out, operand, source, w, realSelection[int8](kind))
	case dtypes.Int16:
		selectWith(pool, out, operand, source, w, realSelection[int16](kind))
	case dtypes.Int32:
		selectWith(pool, out, operand, source, w, realSelection[int32](kind))
	case dtypes.Int64:
		selectWith(pool, out, operand, source, w, realSelection[int64](kind))
	case dtypes.Uint8:
		selectWith(pool, out, operand, source, w, realSelection[uint8](kind))
	case dtypes.Uint16:
		selectWith(pool, out, operand, source, w, realSelection[uint16](kind))
	case dtypes.Uint32:
		selectWith(pool, out, operand, source, w, realSelection[uint32](kind))
	case dtypes.Uint64:
		selectWith(pool, out, operand, source, w, realSelection[uint64](kind))
	case dtypes.Float32:
		selectFloats(pool, out, operand, source, w, kind)
	case dtypes.Float64:
		selectWith(pool, out, operand, source, w, realSelection[float64](kind))
	case dtypes.Float16:
		selectWith(pool, out, operand, source, w, halfSelection(kind, float16.FromFloat32))
	case dtypes.BFloat16:
		selectWith(pool, out, operand, source, w, halfSelection(kind, bfloat16.FromFloat32))
	default:
		panic(fmt.Sprintf("window: windows of %s", dtype))
	}
}

// A selection chooses an element of a window and adds to it.
type selection[T any] struct {
	beats func(v, best T) bool
	add   func(a, b T) T
}

// selectWith takes numbers one by one.
func selectWith[T any](pool *threads.Pool, out, operand, source tensor.Tensor, w Window, s selection[T]) {
	to, from, add := tensor.As[T](out.Bytes), tensor.As[T](operand.Bytes), tensor.As[T](source.Bytes)
	w.lay(operand.Shape, source.Shape).each(pool, disjoint, func(at int, taps []int, low, high int) {
		if len(taps) == 0 {
			return
		}
		for c := low; c < high; c++ {
			best := taps[0] + c
			for _, t := range taps[1:] {
				if s.beats(from[t+c], from[best]) {
					best = t + c
				}
			}
			to[best] = s.add(to[best], add[at+c])
		}
	})
}

// disjoint: windows that share elements belong to one task.
func disjoint(a axis) bool { return a.disjoint }

// run is how many channels are looked at together.
const run = 64

// selectFloats compares without branches: with random values those of the plain
// way are rarely foreseen.
func selectFloats(pool *threads.Pool, out, operand, source tensor.Tensor, w Window, kind compute.ReduceOpType) {
	to, from, add := tensor.As[float32](out.Bytes), tensor.As[float32](operand.Bytes), tensor.As[float32](source.Bytes)
	sign := float32(1)
	if kind == compute.ReduceOpMin {
		sign = -1
	}
	w.lay(operand.Shape, source.Shape).each(pool, disjoint, func(at int, taps []int, low, high int) {
		if len(taps) == 0 {
			return
		}
		var ranks [run]int64
		for c := low; c < high; c += run {
			best := ranks[:min(run, high-c)]
			rankFirst(best, from[taps[0]+c:], sign, len(taps))
			for i, t := range taps[1:] {
				rankNext(best, from[t+c:], sign, len(taps)-1-i)
			}
			for i, r := range best {
				to[taps[len(taps)-int(uint32(r))]+c+i] += add[at+c+i]
			}
		}
	})
}

// rankFirst ranks values; the rank's low half is what is left of the taps, so that
// of equal values the first ranks highest.
func rankFirst(best []int64, values []float32, sign float32, left int) {
	values = values[:len(best)]
	for i, v := range values {
		best[i] = rank(v*sign, left)
	}
}

// rankNext keeps the higher ranks.
func rankNext(best []int64, values []float32, sign float32, left int) {
	values = values[:len(best)]
	for i, v := range values {
		best[i] = max(best[i], rank(v*sign, left))
	}
}

// rank orders as v does, zeros alike and NaN above all, and among equals as left.
func rank(v float32, left int) int64 {
	bits := int32(math.Float32bits(v + 0)) // -0+0 is +0
	if v != v {
		bits = math.MaxInt32
	}
	bits ^= int32(uint32(bits>>31) >> 1) // the more negative, the smaller
	return int64(bits)<<32 | int64(left)
}

// realSelection selects numbers that Go computes with.
func realSelection[T real](kind compute.ReduceOpType) selection[T] {
	s := selection[T]{
		beats: func(v, best T) bool { return v > best || v != v && best == best },
		add:   func(a, b T) T { return a + b },
	}
	if kind == compute.ReduceOpMin {
		s.beats = func(v, best T) bool { return v < best || v != v && best == best }
	}
	return s
}

// halfSelection selects numbers that are computed with as float32.
func halfSelection[T interface{ Float32() float32 }](kind compute.ReduceOpType, round func(float32) T) selection[T] {
	s := realSelection[float32](kind)
	return selection[T]{
		beats: func(v, best T) bool { return s.beats(v.Float32(), best.Float32()) },
		add:   func(a, b T) T { return round(a.Float32() + b.Float32()) },
	}
}
