package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/ir"
	"atelier/engine/layout"
	"atelier/engine/random"
	"atelier/engine/tensor"
	"atelier/engine/threads"
	"atelier/engine/window"
)

// Kernels that only move values, or nearly so.
func init() {
	kernels[compute.OpTypeTranspose] = func(b *Backend, n *ir.Node) kernel {
		permutation := ir.Attribute[[]int](n, "permutation")
		return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { layout.Transpose(p, out, in, permutation) })
	}
	kernels[compute.OpTypeBroadcastInDim] = func(b *Backend, n *ir.Node) kernel {
		axes := ir.Attribute[[]int](n, "broadcastAxes")
		return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { layout.Broadcast(p, out, in, axes) })
	}
	kernels[compute.OpTypeSlice] = func(b *Backend, n *ir.Node) kernel {
		starts, steps := ir.Attribute[[]int](n, "starts"), ir.Attribute[[]int](n, "strides")
		return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { layout.Slice(p, out, in, starts, steps) })
	}
	kernels[compute.OpTypeReverse] = func(b *Backend, n *ir.Node) kernel {
		axes := ir.Attribute[[]int](n, "axes")
		return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { layout.Reverse(p, out, in, axes) })
	}
	kernels[compute.OpTypeConcatenate] = func(b *Backend, n *ir.Node) kernel {
		axis := ir.Attribute[int](n, "axis")
		return func(out, in []tensor.Tensor) error {
			layout.Concatenate(b.pool, out[0], axis, in...)
			return nil
		}
	}
	kernels[compute.OpTypePad] = func(b *Backend, n *ir.Node) kernel {
		padding := ir.Attribute[[]compute.PadAxis](n, "axesConfig")
		for len(padding) < n.Outputs[0].Rank() {
			padding = append(padding, compute.PadAxis{})
		}
		return func(out, in []tensor.Tensor) error {
			layout.Pad(b.pool, out[0], in[0], in[1], padding)
			return nil
		}
	}
	kernels[compute.OpTypeIota] = func(b *Backend, n *ir.Node) kernel {
		axis := ir.Attribute[int](n, "iotaAxis")
		return func(out, _ []tensor.Tensor) error {
			layout.Iota(b.pool, out[0], axis)
			return nil
		}
	}
}

// Kernels for indexing and windows.
func init() {
	kernels[compute.OpTypeGather] = gather
	kernels[compute.OpTypeScatterSum] = scatter(layout.ScatterSum)
	kernels[compute.OpTypeScatterMax] = scatter(layout.ScatterMax)
	kernels[compute.OpTypeScatterMin] = scatter(layout.ScatterMin)
	kernels[compute.OpTypeDynamicSlice] = func(b *Backend, _ *ir.Node) kernel {
		return func(out, in []tensor.Tensor) error {
			layout.DynamicSlice(b.pool, out[0], in[0], in[1:])
			return nil
		}
	}
	kernels[compute.OpTypeDynamicUpdateSlice] = func(b *Backend, _ *ir.Node) kernel {
		return func(out, in []tensor.Tensor) error {
			layout.DynamicUpdateSlice(b.pool, out[0], in[0], in[1], in[2:])
			return nil
		}
	}
	kernels[compute.OpTypeReduceWindow] = reduceWindow
	kernels[compute.OpTypeSelectAndScatterMax] = selectAndScatter(window.SelectAndScatterMax)
	kernels[compute.OpTypeSelectAndScatterMin] = selectAndScatter(window.SelectAndScatterMin)
	kernels[compute.OpTypeRNGBitGenerator] = func(b *Backend, _ *ir.Node) kernel {
		return func(out, in []tensor.Tensor) error {
			random.Bits(b.pool, out[0], out[1], in[0])
			return nil
		}
	}
}

// unary adapts a function of one tensor to a kernel.
func (b *Backend) unary(f func(pool *threads.Pool, out, in tensor.Tensor)) kernel {
	return func(out, in []tensor.Tensor) error {
		f(b.pool, out[0], in[0])
		return nil
	}
}

func gather(b *Backend, n *ir.Node) kernel {
	axes := layout.GatherAxes{
		IndexVector:    ir.Attribute[int](n, "indexVectorAxis"),
		OffsetOutput:   ir.Attribute[[]int](n, "offsetOutputAxes"),
		CollapsedSlice: ir.Attribute[[]int](n, "collapsedSliceAxes"),
		StartIndexMap:  ir.Attribute[[]int](n, "startIndexMap"),
		SliceSizes:     ir.Attribute[[]int](n, "sliceSizes"),
	}
	return func(out, in []tensor.Tensor) error {
		layout.Gather(b.pool, out[0], in[0], in[1], axes)
		return nil
	}
}

func scatter(f func(pool *threads.Pool, out, operand, indices, updates tensor.Tensor, axes layout.ScatterAxes)) func(*Backend, *ir.Node) kernel {
	return func(b *Backend, n *ir.Node) kernel {
		if t := n.Outputs[0].DType; !t.IsFloat() && !t.IsInt() {
			return nil
		}
		axes := layout.ScatterAxes{
			IndexVector:      ir.Attribute[int](n, "indexVectorAxis"),
			UpdateWindow:     ir.Attribute[[]int](n, "updateWindowAxes"),
			InsertedWindow:   ir.Attribute[[]int](n, "insertedWindowAxes"),
			ScatterToOperand: ir.Attribute[[]int](n, "scatterAxesToOperandAxes"),
		}
		return func(out, in []tensor.Tensor) error {
			f(b.pool, out[0], in[0], in[1], in[2], axes)
			return nil
		}
	}
}

// pooled reports whether windows of the type are computed here.
func pooled(s shapes.Shape) bool { return s.DType.IsFloat() || s.DType.IsInt() }

func reduceWindow(b *Backend, n *ir.Node) kernel {
	if !pooled(n.Outputs[0]) {
		return nil
	}
	kind := ir.Attribute[compute.ReduceOpType](n, "reductionType")
	w := window.Window{
		Dims:            ir.Attribute[[]int](n, "windowDimensions"),
		Strides:         ir.Attribute[[]int](n, "strides"),
		InputDilations:  ir.Attribute[[]int](n, "inputDilations"),
		WindowDilations: ir.Attribute[[]int](n, "windowDilations"),
		Paddings:        ir.Attribute[[][2]int](n, "paddings"),
	}
	return b.unary(func(p *threads.Pool, out, in tensor.Tensor) { window.Reduce(p, out, in, kind, w) })
}

func selectAndScatter(f func(pool *threads.Pool, out, operand, source tensor.Tensor, w window.Window)) func(*Backend, *ir.Node) kernel {
	return func(b *Backend, n *ir.Node) kernel {
		if !pooled(n.Outputs[0]) {
			return nil
		}
		w := window.Window{
			Dims:     ir.Attribute[[]int](n, "windowDimensions"),
			Strides:  ir.Attribute[[]int](n, "windowStrides"),
			Paddings: ir.Attribute[[][2]int](n, "paddings"),
		}
		return func(out, in []tensor.Tensor) error {
			f(b.pool, out[0], in[0], in[1], w)
			return nil
		}
	}
}
