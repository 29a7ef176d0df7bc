package cpu

import (
	"github.com/gomlx/compute"

	"atelier/engine/conv"
	"atelier/engine/ir"
	"atelier/engine/tensor"
)

func init() { kernels[compute.OpTypeConvGeneral] = convolution }

// convolution is ConvGeneral of float32; other types have no plan.
func convolution(b *Backend, n *ir.Node) kernel {
	input, window := n.Inputs[0].Shape(), n.Inputs[1].Shape()
	if !isFloat(input) || !isFloat(window) {
		return nil
	}
	plan, err := conv.New(input, window,
		ir.Attribute[compute.ConvolveAxesConfig](n, "axes"), ir.Attribute[[]int](n, "strides"), ir.Attribute[[][2]int](n, "paddings"),
		ir.Attribute[[]int](n, "inputDilations"), ir.Attribute[[]int](n, "kernelDilations"),
		max(1, ir.Attribute[int](n, "channelGroupCount")), max(1, ir.Attribute[int](n, "batchGroupCount")))
	if err != nil {
		return nil // more axes than it knows: gomlx's Go backend may know them
	}
	return func(out, in []tensor.Tensor) error {
		plan.Run(b.convolutions, tensor.Of[float32](out[0]), tensor.Of[float32](in[0]), conv.View{Data: tensor.Of[float32](in[1])}, nil)
		return nil
	}
}
