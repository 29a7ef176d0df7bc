package cpu

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/chain"
	"atelier/engine/ir"
	"atelier/engine/product"
	"atelier/engine/tensor"
)

func init() { readers[compute.OpTypeDotGeneral] = dot }

func isFloat(s shapes.Shape) bool { return s.DType == dtypes.Float32 }

// An operand is one side of a dot: a batch of matrices in memory, each made of vectors.
type operand struct {
	view                   ir.View
	batch                  chain.Axes
	count, vectors, length int
	vector, depth          int // strides
}

// newOperand reads a view with its axes sorted into batches, vectors and depth, in the order of the
// other operand and the result. It fails if the vectors, or the depth, are not evenly spaced, or if
// neither are contiguous.
func newOperand(v ir.View, batches, depth []int) (operand, bool) {
	o := operand{view: v}
	var free []int
	for i := range v.Dims {
		if !slices.Contains(batches, i) && !slices.Contains(depth, i) {
			free = append(free, i)
		}
	}
	o.batch, o.count = axesOf(v, batches)
	vectors, n := axesOf(v, free)
	along, length := axesOf(v, depth)
	o.vectors, o.length = n, length
	var ok, okDepth bool
	o.vector, ok = single(vectors)
	o.depth, okDepth = single(along)
	neighbours := o.vector == 1 || o.depth == 1 || n == 1 || length == 1
	return o, ok && okDepth && neighbours
}

// axesOf are axes of a view, merged where they are evenly spaced together, and their total size.
func axesOf(v ir.View, which []int) (merged chain.Axes, steps int) {
	steps = 1
	for _, a := range which {
		steps *= v.Dims[a]
		merged = merged.And(chain.Axis{Size: v.Dims[a], Stride: v.Strides[a]})
	}
	return merged, steps
}

// single is the stride of axes that merge into one.
func single(a chain.Axes) (int, bool) {
	switch len(a) {
	case 0:
		return 1, true
	case 1:
		return a[0].Stride, a[0].Stride > 0
	}
	return 0, false
}

// read decides how to read an operand of a dot: as a view as far back as the layout allows, or else
// copied by a transpose.
func read(v ir.Value, batches, depth []int) (operand, bool) {
	for _, view := range slices.Backward(ir.Views(v)) {
		if o, ok := newOperand(view, batches, depth); ok {
			return o, true
		}
	}
	return operand{}, false
}

// matrix is the memory of one matrix of the batch.
func (o *operand) matrix(memory []float32, i int) product.Strided {
	return product.Strided{Data: from(memory, o.view.Offset+o.batch.At(i)), Vector: o.vector, Depth: o.depth}
}

// from is x from an index on, or empty if x ends before it.
func from(x []float32, at int) []float32 { return x[min(at, len(x)):] }

// isProduct reports whether a node is a DotGeneral computed here: one of float32.
func isProduct(n *ir.Node) bool {
	if n.Op != compute.OpTypeDotGeneral || !isFloat(n.Inputs[0].Shape()) || !isFloat(n.Inputs[1].Shape()) || !isFloat(n.Outputs[0]) {
		return false
	}
	t := ir.Attribute[compute.DotGeneralConfig](n, "config").AccumulatorDType
	return t == dtypes.InvalidDType || t == dtypes.Float32
}

// dot is DotGeneral of float32: a batch of products.
func dot(b *Backend, n *ir.Node) (draft, bool) {
	if !isProduct(n) {
		return draft{}, false
	}
	l, okL := read(n.Inputs[0], ir.Attribute[[]int](n, "lhsBatchAxes"), ir.Attribute[[]int](n, "lhsContractingAxes"))
	r, okR := read(n.Inputs[1], ir.Attribute[[]int](n, "rhsBatchAxes"), ir.Attribute[[]int](n, "rhsContractingAxes"))
	to, okTo := resultOf(n)
	if !okL || !okR || !okTo {
		return draft{}, false
	}
	if to.swapped {
		l, r = r, l
	}
	var row func(i int) int
	if len(to.rows) != 1 || to.rows[0].Stride != r.vectors {
		row = to.rows.At
	}
	var packed *product.Packed // a constant operand is packed once
	if c := r.view.Base.Node.Constant; c != nil && r.count == 1 {
		packed = b.products.Prepack(r.matrix(tensor.Of[float32](*c), 0), r.vectors, r.length)
	}
	finish := func(out tensor.Tensor, in []tensor.Tensor, done epilogue) error {
		x, y, c := tensor.Of[float32](in[0]), tensor.Of[float32](in[1]), tensor.Of[float32](out)
		b.products.Batch(l.count, func(i int) product.Product {
			first := to.batch.At(i)
			p := product.Product{
				M: l.vectors, N: r.vectors, K: l.length,
				A: l.matrix(x, i), B: r.matrix(y, i), C: from(c, first), Row: row,
			}
			if packed != nil {
				p.B = packed
			}
			if done != nil {
				p.Finish = func(at, n int) { done(first+at, n) }
			}
			return p
		})
		return nil
	}
	return draft{
		name: n.Op.String(), reads: []ir.Value{l.view.Base, r.view.Base}, makes: []ir.Value{{Node: n}},
		flops:  2 * float64(l.count) * float64(l.vectors) * float64(r.vectors) * float64(l.length),
		run:    func(out, in []tensor.Tensor) error { return finish(out[0], in, nil) },
		finish: finish,
	}, true
}
