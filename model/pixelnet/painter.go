package pixelnet

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/tensorfile"
	"atelier/model/nn"
)

// A Painter is a style network that can be trained: that of Johnson, Alahi and Fei-Fei 2016
// (arXiv:1603.08155) with instance norms (Ulyanov et al. 2016, arXiv:1607.08022), which repeats pixels
// before its last convolutions so that there is no chequered pattern (Odena et al. 2016,
// doi:10.23915/distill.00003).
type Painter struct {
	layout
	widths []int // out channels of each layer
	sizes  []int // of each kernel
}

// The sides of the first and last kernels, and of the others.
const (
	outerKernel = 9
	innerKernel = 3
)

// NewPainter is a network whose first layer has that many channels, with residual blocks between
// two halvings and two doublings of the sides.
func NewPainter(width, blocks int) *Painter {
	p := &Painter{layout: layout{
		Name: "painter", Title: "style network", Does: Stylize, Channels: 3, Range: 255, Out: outAdded, Kernels: "hwio", Multiple: 4, Margin: 96, Mirror: 16,
	}}
	add := func(size, out int, l layer) {
		name := fmt.Sprintf("layer_%02d_", len(p.Layers))
		l.Kernel, l.Shift, l.Scale = name+"kernel", name+"shift", name+"scale"
		p.Layers, p.widths, p.sizes = append(p.Layers, l), append(p.widths, out), append(p.sizes, size)
	}
	add(outerKernel, width, layer{ReLU: true})
	add(innerKernel, 2*width, layer{Stride: 2, ReLU: true})
	add(innerKernel, 4*width, layer{Stride: 2, ReLU: true})
	for range blocks {
		add(innerKernel, 4*width, layer{Begin: true, ReLU: true})
		add(innerKernel, 4*width, layer{Add: true})
	}
	add(innerKernel, 2*width, layer{Repeat: 2, ReLU: true})
	add(innerKernel, width, layer{Repeat: 2, ReLU: true})
	add(outerKernel, p.Channels, layer{})
	return p
}

// Paint maps pictures x [batch, height, width, 3] of values from 0 to 255 to painted ones; sides are multiples of
// four. Its variables are in the scope.
func (p *Painter) Paint(s *model.Scope, x *graph.Node) *graph.Node {
	b := &builder{layout: &p.layout}
	b.kernel = func(i int) *graph.Node {
		in := p.Channels
		if i > 0 {
			in = p.widths[i-1]
		}
		size := p.sizes[i]
		return nn.Weight(s, p.Layers[i].Kernel, nn.He(size*size*in), x.DType(), size, size, in, p.widths[i]).NodeValue(x)
	}
	b.vector = func(name string) *graph.Node {
		for i, l := range p.Layers {
			switch name {
			case l.Scale:
				return nn.Filled(s, name, p.scale(i), x.DType(), p.widths[i]).NodeValue(x)
			case l.Shift:
				return nn.Filled(s, name, 0, x.DType(), p.widths[i]).NodeValue(x)
			}
		}
		panic("no vector " + name)
	}
	out, _ := b.build(x) // [batch, height, width, 3]
	return out
}

// scale is what a norm begins with: the network begins close to the picture itself.
func (p *Painter) scale(layer int) float64 {
	switch {
	case p.Layers[layer].Add:
		return 0.5
	case layer == len(p.Layers)-1:
		return 0.1
	}
	return 1
}

// PaintAll paints the pictures of a column of floats in [-1, 1] into another, one after the other.
func PaintAll(ctx context.Context, backend compute.Backend, n *Net, from, to *data.Column) error {
	r := NewRunner(backend, n)
	defer r.Close()
	shape := from.Field.Shape
	for i := range len(from.Floats) / from.Field.Size() {
		p := &Planes{Width: shape[1], Height: shape[0], Channels: shape[2]}
		for _, v := range from.Row(i) {
			p.Values = append(p.Values, (v+1)*127.5)
		}
		out, err := r.Apply(ctx, p, nil, nil)
		if err != nil {
			return err
		}
		for k, v := range out.Values {
			to.Row(i)[k] = min(max(v/127.5-1, -1), 1)
		}
	}
	return nil
}

// Net is the network with weights, by the names of its variables in their scope.
func (p *Painter) Net(weights tensorfile.Set) (*Net, error) {
	n := &Net{layout: p.layout, tensors: weights}
	_, err := n.fit()
	return n, err
}
