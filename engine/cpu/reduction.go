package cpu

import (
	"github.com/gomlx/compute"

	"atelier/engine/ir"
	"atelier/engine/reduce"
	"atelier/engine/tensor"
	"atelier/engine/threads"
)

func init() {
	for _, op := range []compute.OpType{
		compute.OpTypeReduceSum, compute.OpTypeReduceProduct, compute.OpTypeReduceMax, compute.OpTypeReduceMin,
		compute.OpTypeReduceLogicalAnd, compute.OpTypeReduceLogicalOr, compute.OpTypeReduceLogicalXor,
		compute.OpTypeReduceBitwiseAnd, compute.OpTypeReduceBitwiseOr, compute.OpTypeReduceBitwiseXor,
	} {
		kernels[op] = reduction
	}
	kernels[compute.OpTypeArgMinMax] = func(b *Backend, n *ir.Node) kernel {
		f, ok := reduce.ArgMinMax(n.Inputs[0].Shape().DType, n.Outputs[0].DType)
		if !ok {
			return nil
		}
		axis, least := ir.Attribute[int](n, "axis"), ir.Attribute[bool](n, "isMin")
		return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { f(p, out, in, axis, least) })
	}
	kernels[compute.OpTypeCumSum] = func(b *Backend, n *ir.Node) kernel {
		f, ok := reduce.CumSum(n.Outputs[0].DType)
		if !ok {
			return nil
		}
		axis, options := ir.Attribute[int](n, "axis"), ir.Attribute[compute.CumSumOptions](n, "options")
		return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { f(p, out, in, axis, options) })
	}
}

func reduction(b *Backend, n *ir.Node) kernel {
	f, ok := reduce.Reduce(n.Op, n.Outputs[0].DType, b.path)
	if !ok {
		return nil
	}
	axes := ir.Attribute[[]int](n, "axes")
	return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { f(p, out, in, axes) })
}
