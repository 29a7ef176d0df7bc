package cpu

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"atelier/engine/conv"
	"atelier/engine/ir"
	"atelier/engine/tensor"
)

func init() { readers[compute.OpTypeConvGeneral] = convolution }

// convolution is ConvGeneral of float32. The kernel may be read through a view, since gradients
// reverse it.
func convolution(b *Backend, n *ir.Node) (draft, bool) {
	input, window := n.Inputs[0], n.Inputs[1]
	if !isFloat(input.Shape()) || !isFloat(window.Shape()) {
		return draft{}, false
	}
	plan, err := conv.New(input.Shape(), window.Shape(),
		ir.Attribute[compute.ConvolveAxesConfig](n, "axes"), ir.Attribute[[]int](n, "strides"), ir.Attribute[[][2]int](n, "paddings"),
		ir.Attribute[[]int](n, "inputDilations"), ir.Attribute[[]int](n, "kernelDilations"),
		max(1, ir.Attribute[int](n, "channelGroupCount")), max(1, ir.Attribute[int](n, "batchGroupCount")))
	if err != nil {
		return draft{}, false // more axes than it knows: gomlx's Go backend may know them
	}
	at := ir.Dense(window)
	for _, v := range ir.Views(window) {
		if !v.Repeats() {
			at = v
		}
	}
	finish := func(out tensor.Tensor, in []tensor.Tensor, done epilogue) error {
		kernel := conv.View{Data: tensor.Of[float32](in[1]), Offset: at.Offset, Strides: at.Strides}
		plan.Run(b.convolutions, tensor.Of[float32](out), tensor.Of[float32](in[0]), kernel, conv.Finish(done))
		return nil
	}
	s := draft{
		name: n.Op.String(), flops: plan.Flops(), scratch: tensor.Size(shapes.Make(dtypes.Float32, plan.Scratch())), reads: []ir.Value{input, at.Base}, makes: []ir.Value{{Node: n}},
		run: func(out, in []tensor.Tensor) error { return finish(out[0], in, nil) },
	}
	if plan.Fuses() {
		s.finish = finish
	}
	return s, true
}
