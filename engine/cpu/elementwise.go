package cpu

import (
	"github.com/gomlx/compute"

	"atelier/engine/ir"
	"atelier/engine/scalar"
	"atelier/engine/tensor"
)

// Element-wise operations on types other than float32 and boolean, which run in chains.
func init() {
	for _, op := range []compute.OpType{
		compute.OpTypeNeg, compute.OpTypeAbs, compute.OpTypeSign, compute.OpTypeSqrt, compute.OpTypeRsqrt,
		compute.OpTypeFloor, compute.OpTypeCeil, compute.OpTypeRound, compute.OpTypeExp, compute.OpTypeExpm1,
		compute.OpTypeLog, compute.OpTypeLog1p, compute.OpTypeTanh, compute.OpTypeLogistic, compute.OpTypeErf,
		compute.OpTypeSin, compute.OpTypeCos, compute.OpTypeBitwiseNot, compute.OpTypeLogicalNot,
		compute.OpTypeBitCount, compute.OpTypeClz, compute.OpTypeIsFinite, compute.OpTypeIsNaN,
	} {
		kernels[op] = unary
	}
	for _, op := range []compute.OpType{
		compute.OpTypeAdd, compute.OpTypeSub, compute.OpTypeMul, compute.OpTypeDiv, compute.OpTypeRem, compute.OpTypePow,
		compute.OpTypeMax, compute.OpTypeMin, compute.OpTypeEqual, compute.OpTypeNotEqual, compute.OpTypeLessThan,
		compute.OpTypeLessOrEqual, compute.OpTypeGreaterThan, compute.OpTypeGreaterOrEqual,
		compute.OpTypeBitwiseAnd, compute.OpTypeBitwiseOr, compute.OpTypeBitwiseXor,
		compute.OpTypeLogicalAnd, compute.OpTypeLogicalOr, compute.OpTypeLogicalXor,
		compute.OpTypeShiftLeft, compute.OpTypeShiftRightLogical, compute.OpTypeShiftRightArithmetic,
	} {
		kernels[op] = binary
	}
	kernels[compute.OpTypeConvertDType] = convert
	kernels[compute.OpTypeWhere] = where
	kernels[compute.OpTypeClamp] = clamp
}

func unary(b *Backend, n *ir.Node) kernel {
	f, ok := scalar.Unary(n.Op, n.Inputs[0].Shape().DType)
	if !ok {
		return nil
	}
	return b.unary(f)
}

func binary(b *Backend, n *ir.Node) kernel {
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
	f, ok := scalar.Where(n.Outputs[0].DType)
	if !ok {
		return nil
	}
	return func(out, in []tensor.Tensor) error {
		f(b.pool, out[0], in[0], in[1], in[2])
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
