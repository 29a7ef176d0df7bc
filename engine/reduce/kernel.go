package reduce

import (
	"math"
	"unsafe"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
)

// A reduction combines values of type T into ones of type A.
type reduction[T, A any] struct {
	identity A
	row      func(s *scratch[A], in []T) A        // reduces contiguous values
	add      func(s *scratch[A], acc []A, in []T) // combines acc[i] with in[i], for each i
	fold     func(s *scratch[A], parts []A) A     // reduces results, in order
	join     func(acc, parts []A)                 // combines acc[i] with parts[i], for each i
	store    func(out []T, acc []A)
}

// scratch is the memory of a task, allocated on first use.
type scratch[A any] struct{ lanes, wide []A }

const (
	lanes = 64   // running results of a row; simd uses the same number
	wide  = 1024 // values widened at once
)

// plain is a reduction in the values' own type, given the function that combines acc[i] and in[i].
// There is none if join is nil.
func plain[T any](identity T, join func(acc, in []T)) *reduction[T, T] {
	if join == nil {
		return nil
	}
	row := func(s *scratch[T], in []T) T { return alongLanes(s, identity, join, in) }
	return &reduction[T, T]{
		identity: identity,
		row:      row,
		fold:     row,
		add:      func(_ *scratch[T], acc, in []T) { join(acc, in) },
		join:     join,
		store:    func(out, acc []T) { copy(out, acc) },
	}
}

// alongLanes combines value i with running result i modulo lanes, and then the upper half of the
// results with the lower until one is left.
func alongLanes[T any](s *scratch[T], identity T, join func(acc, in []T), in []T) T {
	if s.lanes == nil {
		s.lanes = make([]T, lanes)
	}
	acc := s.lanes
	fill(acc, identity)
	for ; len(in) > lanes; in = in[lanes:] {
		join(acc, in[:lanes])
	}
	join(acc[:len(in)], in)
	for half := lanes / 2; half > 0; half /= 2 {
		join(acc[:half], acc[half:2*half])
	}
	return acc[0]
}

// vector is a reduction of float32 with vector kernels.
func vector(op compute.OpType, k *simd.Kernels) *reduction[float32, float32] {
	identity, join := ofFloat[float32](op)
	r := plain(identity, join)
	var row func([]float32) float32
	var add simd.Binary
	switch op {
	case compute.OpTypeReduceSum:
		row, add = k.Sum, k.Add
	case compute.OpTypeReduceMax:
		row, add = k.ReduceMax, k.Max
	case compute.OpTypeReduceMin:
		row, add = k.ReduceMin, k.Min
	default:
		return r
	}
	r.row = func(_ *scratch[float32], in []float32) float32 { return row(in) }
	r.fold = r.row
	r.add = func(_ *scratch[float32], acc, in []float32) { add(acc, acc, in) }
	r.join = func(acc, parts []float32) { add(acc, acc, parts) }
	return r
}

// A format converts between 16-bit floats and float32.
type format struct {
	widen  func(dst []float32, src []uint16)
	narrow func(dst []uint16, src []float32)
}

// formatOf returns the format of Float16 or BFloat16.
func formatOf(dtype dtypes.DType, path simd.Path) format {
	k := simd.For(path)
	if dtype == dtypes.Float16 {
		return format{k.FromFloat16, k.ToFloat16}
	}
	return format{k.FromBfloat16, k.ToBfloat16}
}

// narrowed returns the reduction of 16-bit floats that applies r to their float32 values.
func narrowed(r *reduction[float32, float32], f format) *reduction[uint16, float32] {
	if r == nil {
		return nil
	}
	// widen calls use for tiles of the values, the first of them values[at].
	widen := func(s *scratch[float32], values []uint16, use func(at int, tile []float32)) {
		if s.wide == nil {
			s.wide = make([]float32, wide)
		}
		for at := 0; at < len(values); at += wide {
			tile := s.wide[:min(wide, len(values)-at)]
			f.widen(tile, values[at:at+len(tile)])
			use(at, tile)
		}
	}
	return &reduction[uint16, float32]{
		identity: r.identity,
		row: func(s *scratch[float32], in []uint16) float32 {
			parts := make([]float32, 0, ceil(len(in), wide))
			widen(s, in, func(_ int, tile []float32) { parts = append(parts, r.row(s, tile)) })
			return r.fold(s, parts)
		},
		add: func(s *scratch[float32], acc []float32, in []uint16) {
			widen(s, in, func(at int, tile []float32) { r.add(s, acc[at:at+len(tile)], tile) })
		},
		fold:  r.fold,
		join:  r.join,
		store: func(out []uint16, acc []float32) { f.narrow(out, acc) },
	}
}

// ofBool returns the identity of a reduction of booleans, as bytes of 0 and 1, and the function
// that combines them; nil if there is no such reduction.
func ofBool(op compute.OpType) (byte, func(acc, in []byte)) {
	switch op {
	case compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceMin:
		return 1, and[byte]
	case compute.OpTypeReduceLogicalOr, compute.OpTypeReduceMax:
		return 0, or[byte]
	case compute.OpTypeReduceLogicalXor:
		return 0, xor[byte]
	}
	return 0, nil
}

// ofInteger returns the same for integers.
func ofInteger[T integer](op compute.OpType) (T, func(acc, in []T)) {
	lowest := T(0)
	if ^lowest < 0 {
		lowest = T(1) << (8*unsafe.Sizeof(lowest) - 1)
	}
	switch op {
	case compute.OpTypeReduceMax:
		return lowest, larger[T]
	case compute.OpTypeReduceMin:
		return ^lowest, smaller[T]
	case compute.OpTypeReduceBitwiseAnd:
		return ^T(0), and[T]
	case compute.OpTypeReduceBitwiseOr:
		return 0, or[T]
	case compute.OpTypeReduceBitwiseXor:
		return 0, xor[T]
	}
	return arithmetic[T](op)
}

// ofFloat returns the same for floats.
func ofFloat[T float32 | float64](op compute.OpType) (T, func(acc, in []T)) {
	switch op {
	case compute.OpTypeReduceMax:
		return T(math.Inf(-1)), larger[T]
	case compute.OpTypeReduceMin:
		return T(math.Inf(1)), smaller[T]
	}
	return arithmetic[T](op)
}

// arithmetic returns the same for numbers of any kind.
func arithmetic[T number](op compute.OpType) (T, func(acc, in []T)) {
	switch op {
	case compute.OpTypeReduceSum:
		return 0, sum[T]
	case compute.OpTypeReduceProduct:
		return 1, product[T]
	}
	return 0, nil
}
