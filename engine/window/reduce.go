package window

import (
	"fmt"

	"atelier/engine/simd"
	"atelier/engine/tensor"
	"atelier/engine/threads"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// Reduce makes one number of each window: the sum, product, maximum or minimum of
// its elements, in row-major order. Places without an element do not count; a
// window that has none gives 0, 1, the lowest or the highest number. NaN is the
// maximum and the minimum of every window it is in. Numbers of 16 bits are
// computed with as float32 and rounded at the end.
func Reduce(pool *threads.Pool, out, in tensor.Tensor, kind compute.ReduceOpType, w Window) {
	switch dtype := in.Shape.DType; dtype {
	case dtypes.Int8:
		reduceWith(pool, out, in, w, reals[int8](kind, dtype))
	case dtypes.Int16:
		reduceWith(pool, out, in, w, reals[int16](kind, dtype))
	case dtypes.Int32:
		reduceWith(pool, out, in, w, reals[int32](kind, dtype))
	case dtypes.Int64:
		reduceWith(pool, out, in, w, reals[int64](kind, dtype))
	case dtypes.Uint8:
		reduceWith(pool, out, in, w, reals[uint8](kind, dtype))
	case dtypes.Uint16:
		reduceWith(pool, out, in, w, reals[uint16](kind, dtype))
	case dtypes.Uint32:
		reduceWith(pool, out, in, w, reals[uint32](kind, dtype))
	case dtypes.Uint64:
		reduceWith(pool, out, in, w, reals[uint64](kind, dtype))
	case dtypes.Float32:
		reduceFloats(pool, out, in, w, reals[float32](kind, dtype), kernel(kind))
	case dtypes.Float64:
		reduceWith(pool, out, in, w, reals[float64](kind, dtype))
	case dtypes.Float16, dtypes.BFloat16:
		wide := tensor.New(shapes.Make(dtypes.Float32, out.Shape.Dimensions...))
		Reduce(pool, wide, widened(in), kind, w)
		narrow(out, wide)
	default:
		panic(fmt.Sprintf("window: windows of %s", dtype))
	}
}

// A reduction is what is done with the elements of a window.
type reduction[T any] struct {
	empty   T
	combine func(a, b T) T
}

// reduceWith reduces numbers one by one.
func reduceWith[T any](pool *threads.Pool, out, in tensor.Tensor, w Window, r reduction[T]) {
	to, from := tensor.As[T](out.Bytes), tensor.As[T](in.Bytes)
	visit := func(at int, taps []int, low, high int) {
		for c := low; c < high; c++ {
			to[at+c] = r.reduce(from, taps, c)
		}
	}
	w.lay(in.Shape, out.Shape).each(pool, always, func() visitor { return visit })
}

// reduce reduces one channel of a window.
func (r reduction[T]) reduce(from []T, taps []int, c int) T {
	if len(taps) == 0 {
		return r.empty
	}
	v := from[taps[0]+c]
	for _, t := range taps[1:] {
		v = r.combine(v, from[t+c])
	}
	return v
}

// reduceFloats reduces many channels at once.
func reduceFloats(pool *threads.Pool, out, in tensor.Tensor, w Window, r reduction[float32], combine simd.Binary) {
	g := w.lay(in.Shape, out.Shape)
	if g.channels < wide/2 {
		reduceWith(pool, out, in, w, r)
		return
	}
	to, from := tensor.As[float32](out.Bytes), tensor.As[float32](in.Bytes)
	visit := func(at int, taps []int, low, high int) {
		row := to[at+low : at+high]
		switch len(taps) {
		case 0:
			simd.Fill(row, r.empty)
		case 1:
			copy(row, from[taps[0]+low:taps[0]+high])
		default:
			combine(row, from[taps[0]+low:taps[0]+high], from[taps[1]+low:taps[1]+high])
			for _, t := range taps[2:] {
				combine(row, row, from[t+low:t+high])
			}
		}
	}
	g.each(pool, always, func() visitor { return visit })
}

// always: windows may be divided along every axis, each has a result of its own.
func always(axis) bool { return true }

// kernel is the kernel of a reduction.
func kernel(kind compute.ReduceOpType) simd.Binary {
	k := simd.For(simd.Best())
	switch kind {
	case compute.ReduceOpSum:
		return k.Add
	case compute.ReduceOpProduct:
		return k.Mul
	case compute.ReduceOpMax:
		return k.Max
	case compute.ReduceOpMin:
		return k.Min
	}
	panic(fmt.Sprintf("window: no reduction %s", kind))
}

// real are the types of Go that hold real numbers.
type real interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// reals is a reduction of numbers that Go computes with.
func reals[T real](kind compute.ReduceOpType, dtype dtypes.DType) reduction[T] {
	switch kind {
	case compute.ReduceOpSum:
		return reduction[T]{0, func(a, b T) T { return a + b }}
	case compute.ReduceOpProduct:
		return reduction[T]{1, func(a, b T) T { return a * b }}
	case compute.ReduceOpMax:
		return reduction[T]{dtype.LowestValue().(T), func(a, b T) T { return max(a, b) }}
	case compute.ReduceOpMin:
		return reduction[T]{dtype.HighestValue().(T), func(a, b T) T { return min(a, b) }}
	}
	panic(fmt.Sprintf("window: no reduction %s", kind))
}
