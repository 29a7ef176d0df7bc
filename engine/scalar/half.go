package scalar

import (
	"sync"

	"github.com/gomlx/compute/dtypes"

	"atelier/engine/simd"
)

// A format converts between 16-bit floats and float32.
type format struct {
	widen  func(dst []float32, src []uint16)
	narrow func(dst []uint16, src []float32)
}

// halfFormat returns the format of Float16 or BFloat16; other types have none.
func halfFormat(dtype dtypes.DType) (format, bool) {
	kernels := simd.For(simd.Best())
	switch dtype {
	case dtypes.Float16:
		return format{kernels.FromFloat16, kernels.ToFloat16}, true
	case dtypes.BFloat16:
		return format{kernels.FromBfloat16, kernels.ToBfloat16}, true
	}
	return format{}, false
}

// wide holds the float32 values of a tile of each operand and of the output.
var wide = sync.Pool{New: func() any { return new([4][tile]float32) }}

// unary adapts a float32 kernel to 16-bit floats.
func (f format) unary(kernel func(out, in []float32)) func(out, in []uint16) {
	if kernel == nil {
		return nil
	}
	return func(out, in []uint16) {
		w := wide.Get().(*[4][tile]float32)
		defer wide.Put(w)
		x, y := w[0][:len(in)], w[1][:len(in)]
		f.widen(x, in)
		kernel(y, x)
		f.narrow(out, y)
	}
}

// test does the same for kernels with boolean output.
func (f format) test(kernel func(out []bool, in []float32)) func(out []bool, in []uint16) {
	return func(out []bool, in []uint16) {
		w := wide.Get().(*[4][tile]float32)
		defer wide.Put(w)
		x := w[0][:len(in)]
		f.widen(x, in)
		kernel(out, x)
	}
}

// binary does the same with two operands.
func (f format) binary(kernel func(out, a, b []float32)) func(out, a, b []uint16) {
	if kernel == nil {
		return nil
	}
	return func(out, a, b []uint16) {
		w := wide.Get().(*[4][tile]float32)
		defer wide.Put(w)
		x, y, z := w[0][:len(a)], w[1][:len(b)], w[2][:len(out)]
		f.widen(x, a)
		f.widen(y, b)
		kernel(z, x, y)
		f.narrow(out, z)
	}
}

// comparison does the same for kernels with boolean output.
func (f format) comparison(kernel func(out []bool, a, b []float32)) func(out []bool, a, b []uint16) {
	if kernel == nil {
		return nil
	}
	return func(out []bool, a, b []uint16) {
		w := wide.Get().(*[4][tile]float32)
		defer wide.Put(w)
		x, y := w[0][:len(a)], w[1][:len(b)]
		f.widen(x, a)
		f.widen(y, b)
		kernel(out, x, y)
	}
}

// ternary does the same with three operands.
func (f format) ternary(kernel func(out, a, b, c []float32)) func(out, a, b, c []uint16) {
	return func(out, a, b, c []uint16) {
		w := wide.Get().(*[4][tile]float32)
		defer wide.Put(w)
		x, y, z := w[0][:len(a)], w[1][:len(b)], w[2][:len(c)]
		to := w[3][:len(out)]
		f.widen(x, a)
		f.widen(y, b)
		f.widen(z, c)
		kernel(to, x, y, z)
		f.narrow(out, to)
	}
}
