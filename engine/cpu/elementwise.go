package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/ir"
	"atelier/engine/layout"
	"atelier/engine/scalar"
	"atelier/engine/simd"
	"atelier/engine/tensor"
)

const (
	tile  = 1024      // values that a vector kernel is given at once; some tiles fit the first cache
	chunk = 16 * tile // values of one task
)

func init() {
	for op := range unaries(simd.For(simd.Portable)) {
		kernels[op] = unary
	}
	for op := range binaries(simd.For(simd.Portable)) {
		kernels[op] = binary
	}
	for op := range comparisons(simd.For(simd.Portable)) {
		kernels[op] = compared
	}
	for _, op := range []compute.OpType{
		compute.OpTypeBitwiseAnd, compute.OpTypeBitwiseOr, compute.OpTypeBitwiseXor, compute.OpTypeLogicalAnd, compute.OpTypeLogicalOr,
		compute.OpTypeLogicalXor, compute.OpTypeShiftLeft, compute.OpTypeShiftRightLogical, compute.OpTypeShiftRightArithmetic,
	} {
		kernels[op] = plainBinary
	}
	for _, op := range []compute.OpType{
		compute.OpTypeBitwiseNot, compute.OpTypeLogicalNot, compute.OpTypeBitCount, compute.OpTypeClz,
		compute.OpTypeIsFinite, compute.OpTypeIsNaN,
	} {
		kernels[op] = plainUnary
	}
	kernels[compute.OpTypeConvertDType] = convert
	kernels[compute.OpTypeWhere] = where
	kernels[compute.OpTypeClamp] = clamp
}

func unaries(k *simd.Kernels) map[compute.OpType]simd.Unary {
	return map[compute.OpType]simd.Unary{
		compute.OpTypeNeg: k.Neg, compute.OpTypeAbs: k.Abs, compute.OpTypeSign: k.Sign, compute.OpTypeSqrt: k.Sqrt,
		compute.OpTypeRsqrt: k.Rsqrt, compute.OpTypeFloor: k.Floor, compute.OpTypeCeil: k.Ceil, compute.OpTypeRound: k.Round,
		compute.OpTypeExp: k.Exp, compute.OpTypeExpm1: k.Expm1, compute.OpTypeLog: k.Log, compute.OpTypeLog1p: k.Log1p,
		compute.OpTypeTanh: k.Tanh, compute.OpTypeLogistic: k.Logistic, compute.OpTypeErf: k.Erf,
		compute.OpTypeSin: k.Sin, compute.OpTypeCos: k.Cos,
	}
}

func binaries(k *simd.Kernels) map[compute.OpType]simd.Binary {
	return map[compute.OpType]simd.Binary{
		compute.OpTypeAdd: k.Add, compute.OpTypeSub: k.Sub, compute.OpTypeMul: k.Mul, compute.OpTypeDiv: k.Div,
		compute.OpTypeRem: k.Rem, compute.OpTypePow: k.Pow, compute.OpTypeMax: k.Max, compute.OpTypeMin: k.Min,
	}
}

func comparisons(k *simd.Kernels) map[compute.OpType]simd.Binary {
	return map[compute.OpType]simd.Binary{
		compute.OpTypeEqual: k.Equal, compute.OpTypeNotEqual: k.NotEqual, compute.OpTypeLessThan: k.Less,
		compute.OpTypeLessOrEqual: k.LessEqual, compute.OpTypeGreaterThan: k.Greater, compute.OpTypeGreaterOrEqual: k.GreaterEqual,
	}
}

func isFloat(s shapes.Shape) bool { return s.DType == dtypes.Float32 }

// each calls f with stretches of [0, size) of at most a tile, many at once.
func (b *Backend) each(size int, f func(lo, hi int)) {
	b.pool.Run((size+chunk-1)/chunk, func(_, task int) {
		end := min((task+1)*chunk, size)
		for lo := task * chunk; lo < end; lo += tile {
			f(lo, min(lo+tile, end))
		}
	})
}

// A stretch reads the values [lo, hi) of an operand, at most a tile of them.
type stretch func(lo, hi int) []float32

// operand reads floats as if they had the given shape. A single value is one tile
// of its copies; other axes of size 1 are repeated in a copy, whose memory free
// gives back.
func (b *Backend) operand(t tensor.Tensor, shape shapes.Shape) (read stretch, free func()) {
	if t.Shape.Size() == 1 && shape.Size() > 1 {
		copies := make([]float32, tile)
		simd.Fill(copies, tensor.Of[float32](t)[0])
		return func(lo, hi int) []float32 { return copies[:hi-lo] }, func() {}
	}
	t, free = b.expanded(t, shape)
	x := tensor.Of[float32](t)
	return func(lo, hi int) []float32 { return x[lo:hi] }, free
}

// condition reads booleans as operand reads floats, as masks.
func (b *Backend) condition(t tensor.Tensor, shape shapes.Shape) (read stretch, free func()) {
	if t.Shape.Size() == 1 && shape.Size() > 1 {
		mask := tensor.New(shapes.Make(dtypes.Float32, 1))
		b.kernels.FromBool(tensor.Of[float32](mask), tensor.Of[bool](t))
		return b.operand(mask, shape)
	}
	t, free = b.expanded(t, shape)
	x := tensor.Of[bool](t)
	return func(lo, hi int) []float32 {
		mask := make([]float32, hi-lo)
		b.kernels.FromBool(mask, x[lo:hi])
		return mask
	}, free
}

// expanded returns a tensor with the values of shape's size: itself, or a copy in
// which what has size 1 is repeated, and what gives the copy's memory back.
func (b *Backend) expanded(t tensor.Tensor, shape shapes.Shape) (tensor.Tensor, func()) {
	if t.Shape.Size() == shape.Size() {
		return t, func() {}
	}
	whole := shape.Clone()
	whole.DType = t.Shape.DType
	axes := make([]int, t.Shape.Rank())
	for i := range axes {
		axes[i] = i
	}
	out := tensor.Tensor{Shape: whole, Bytes: b.memory.take(tensor.Size(whole))}
	layout.Broadcast(b.pool, out, t, axes)
	return out, func() { b.memory.give(out.Bytes) }
}

func unary(b *Backend, n *ir.Node) kernel {
	if !isFloat(n.Outputs[0]) || !isFloat(n.Inputs[0].Shape()) {
		return plainUnary(b, n)
	}
	f := unaries(b.kernels)[n.Op]
	return func(out, in []tensor.Tensor) error {
		y, x := tensor.Of[float32](out[0]), tensor.Of[float32](in[0])
		b.each(len(y), func(lo, hi int) { f(y[lo:hi], x[lo:hi]) })
		return nil
	}
}

func plainUnary(b *Backend, n *ir.Node) kernel {
	f, ok := scalar.Unary(n.Op, n.Inputs[0].Shape().DType)
	if !ok {
		return nil
	}
	return b.unary(f)
}

func binary(b *Backend, n *ir.Node) kernel {
	if !isFloat(n.Outputs[0]) {
		return plainBinary(b, n)
	}
	f := binaries(b.kernels)[n.Op]
	return func(out, in []tensor.Tensor) error {
		l, freeL := b.operand(in[0], out[0].Shape)
		r, freeR := b.operand(in[1], out[0].Shape)
		y := tensor.Of[float32](out[0])
		b.each(len(y), func(lo, hi int) { f(y[lo:hi], l(lo, hi), r(lo, hi)) })
		freeL()
		freeR()
		return nil
	}
}

func compared(b *Backend, n *ir.Node) kernel {
	if !isFloat(n.Inputs[0].Shape()) {
		return plainBinary(b, n)
	}
	f := comparisons(b.kernels)[n.Op]
	return func(out, in []tensor.Tensor) error {
		l, freeL := b.operand(in[0], out[0].Shape)
		r, freeR := b.operand(in[1], out[0].Shape)
		y := tensor.Of[bool](out[0])
		b.each(len(y), func(lo, hi int) {
			mask := make([]float32, hi-lo)
			f(mask, l(lo, hi), r(lo, hi))
			b.kernels.ToBool(y[lo:hi], mask)
		})
		freeL()
		freeR()
		return nil
	}
}

func plainBinary(b *Backend, n *ir.Node) kernel {
	f, ok := scalar.Binary(n.Op, n.Inputs[0].Shape().DType)
	if !ok {
		return nil
	}
	return func(out, in []tensor.Tensor) error {
		f(b.pool, out[0], in[0], in[1])
		return nil
	}
}

func where(b *Backend, n *ir.Node) kernel {
	if !isFloat(n.Outputs[0]) {
		f, ok := scalar.Where(n.Outputs[0].DType)
		if !ok {
			return nil
		}
		return func(out, in []tensor.Tensor) error {
			f(b.pool, out[0], in[0], in[1], in[2])
			return nil
		}
	}
	return func(out, in []tensor.Tensor) error {
		c, freeC := b.condition(in[0], out[0].Shape)
		l, freeL := b.operand(in[1], out[0].Shape)
		r, freeR := b.operand(in[2], out[0].Shape)
		y := tensor.Of[float32](out[0])
		b.each(len(y), func(lo, hi int) { b.kernels.Select(y[lo:hi], c(lo, hi), l(lo, hi), r(lo, hi)) })
		freeC()
		freeL()
		freeR()
		return nil
	}
}

func convert(b *Backend, n *ir.Node) kernel {
	f, ok := scalar.Convert(n.Inputs[0].Shape().DType, n.Outputs[0].DType)
	if !ok {
		return nil
	}
	return b.unary(f)
}

func clamp(b *Backend, n *ir.Node) kernel {
	f, ok := scalar.Clamp(n.Outputs[0].DType)
	if !ok {
		return nil
	}
	return func(out, in []tensor.Tensor) error {
		f(b.pool, out[0], in[0], in[1], in[2])
		return nil
	}
}
