package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"

	"atelier/engine/ir"
	"atelier/engine/layout"
	"atelier/engine/product"
	"atelier/engine/tensor"
)

func init() { kernels[compute.OpTypeDotGeneral] = dot }

// An operand of a dot is its axes sorted into batches, vectors and depth, in the
// order in which the other operand and the result have them.
type operand struct {
	dims                   []int
	batches, free, depth   []int
	batch, vectors, length int
}

func newOperand(dims, batches, depth []int) operand {
	o := operand{dims: dims, batches: batches, depth: depth, batch: 1, vectors: 1, length: 1}
	for i := range dims {
		if !slices.Contains(batches, i) && !slices.Contains(depth, i) {
			o.free = append(o.free, i)
		}
	}
	for _, a := range batches {
		o.batch *= dims[a]
	}
	for _, a := range o.free {
		o.vectors *= dims[a]
	}
	for _, a := range depth {
		o.length *= dims[a]
	}
	return o
}

// stride is that of axes read as one axis, if memory allows it.
func (o operand) stride(axes []int) (int, bool) {
	steps := make([]int, len(o.dims))
	for i, step := len(o.dims)-1, 1; i >= 0; i-- {
		steps[i] = step
		step *= o.dims[i]
	}
	stride, next := 1, 0
	for _, a := range slices.Backward(axes) {
		switch {
		case o.dims[a] == 1:
			continue
		case next == 0:
			stride = steps[a]
		case steps[a] != next:
			return 0, false
		}
		next = steps[a] * o.dims[a]
	}
	return stride, true
}

// A reading is how the operand's memory is read as batches of matrices.
type reading struct {
	batch, vector, depth int   // strides
	order                []int // axes in the order in which they are laid out first; nil: memory is read as it is
}

func (o operand) read() reading {
	b, okB := o.stride(o.batches)
	v, okV := o.stride(o.free)
	d, okD := o.stride(o.depth)
	if okB && okV && okD {
		return reading{batch: b, vector: v, depth: d}
	}
	return reading{
		batch: o.vectors * o.length, vector: o.length, depth: 1,
		order: slices.Concat(o.batches, o.free, o.depth),
	}
}

// dot is DotGeneral of float32: a batch of products, on operands as they lie in
// memory where each kind of axis can be walked with one stride.
func dot(b *Backend, n *ir.Node) kernel {
	config := ir.Attribute[compute.DotGeneralConfig](n, "config")
	l, r := n.Inputs[0].Shape(), n.Inputs[1].Shape()
	if l.DType != dtypes.Float32 || r.DType != dtypes.Float32 || n.Outputs[0].DType != dtypes.Float32 {
		return nil
	}
	if t := config.AccumulatorDType; t != dtypes.InvalidDType && t != dtypes.Float32 {
		return nil
	}
	left := newOperand(l.Dimensions, ir.Attribute[[]int](n, "lhsBatchAxes"), ir.Attribute[[]int](n, "lhsContractingAxes"))
	right := newOperand(r.Dimensions, ir.Attribute[[]int](n, "rhsBatchAxes"), ir.Attribute[[]int](n, "rhsContractingAxes"))
	lr, rr := left.read(), right.read()
	size := left.vectors * right.vectors
	return func(out, in []tensor.Tensor) error {
		x, freeX := b.laidOut(in[0], lr.order)
		y, freeY := b.laidOut(in[1], rr.order)
		c := tensor.Of[float32](out[0])
		b.products.Batch(left.batch, func(i int) product.Product {
			return product.Product{
				M: left.vectors, N: right.vectors, K: left.length,
				A: product.Strided{Data: from(x, i*lr.batch), Vector: lr.vector, Depth: lr.depth},
				B: product.Strided{Data: from(y, i*rr.batch), Vector: rr.vector, Depth: rr.depth},
				C: from(c, i*size),
			}
		})
		freeX()
		freeY()
		return nil
	}
}

// from is x from an index on, nothing if x ends before it.
func from(x []float32, at int) []float32 { return x[min(at, len(x)):] }

// laidOut returns the values of a tensor with its axes in another order, and what
// gives the memory back.
func (b *Backend) laidOut(t tensor.Tensor, order []int) ([]float32, func()) {
	if order == nil {
		return tensor.Of[float32](t), func() {}
	}
	shape := t.Shape.Clone()
	for i, a := range order {
		shape.Dimensions[i] = t.Shape.Dimensions[a]
	}
	copied := tensor.Tensor{Shape: shape, Bytes: b.memory.take(len(t.Bytes))}
	layout.Transpose(b.pool, copied, t, order)
	return tensor.Of[float32](copied), func() { b.memory.give(copied.Bytes) }
}
