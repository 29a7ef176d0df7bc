package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"

	"atelier/engine/ir"
)

// standIns replace, in the shadow, operations that gomlx's Go backend lacks by operations of the
// same shapes, validated here.
var standIns = map[compute.OpType]func(f compute.Function, n *ir.Node, in []compute.Value) ([]compute.Value, error){
	compute.OpTypeDynamicSlice: func(f compute.Function, n *ir.Node, in []compute.Value) ([]compute.Value, error) {
		sizes := ir.Attribute[[]int](n, "sliceDims")
		if err := checkPart(n.Inputs[0].Shape(), sizes, n.Inputs[1:]); err != nil {
			return nil, errors.WithMessage(err, "DynamicSlice")
		}
		return list(f.Slice(in[0], make([]int, len(sizes)), sizes, nil))
	},
	compute.OpTypeDynamicUpdateSlice: func(_ compute.Function, n *ir.Node, in []compute.Value) ([]compute.Value, error) {
		operand, update := n.Inputs[0].Shape(), n.Inputs[1].Shape()
		if operand.DType != update.DType {
			return nil, errors.Errorf("DynamicUpdateSlice: an update of %s for an operand of %s", update, operand)
		}
		if err := checkPart(operand, update.Dimensions, n.Inputs[2:]); err != nil {
			return nil, errors.WithMessage(err, "DynamicUpdateSlice")
		}
		return in[:1], nil
	},
}

// checkPart rejects a part that does not fit a tensor of the shape, and starts that are not
// indices.
func checkPart(whole shapes.Shape, sizes []int, starts []ir.Value) error {
	if len(sizes) != whole.Rank() || len(starts) != whole.Rank() {
		return errors.Errorf("%d sizes and %d starts for %s", len(sizes), len(starts), whole)
	}
	for i, size := range sizes {
		if size < 0 || size > whole.Dimensions[i] {
			return errors.Errorf("a part of %v is none of %s", sizes, whole)
		}
		if s := starts[i].Shape(); !s.IsScalar() || !s.DType.IsInt() {
			return errors.Errorf("start %d is %s, want a whole number", i, s)
		}
	}
	return nil
}
