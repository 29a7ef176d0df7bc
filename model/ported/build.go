// Package ported runs networks that other programs wrote: it builds the graph of their operations.
package ported

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"atelier/engine/vjp"
	"atelier/internal/netfile"
	"atelier/internal/tensorfile"
	"atelier/model/nn"
)

// Build maps x [batch, height, width, channels] to the values of the network with these names, of
// the output if none is named. The height and width of x have to fit, see [netfile.Network.Shapes].
func Build(n *netfile.Network, x *graph.Node, names ...string) []*graph.Node {
	if len(names) == 0 {
		names = []string{n.Output}
	}
	values := map[string]*graph.Node{n.Input: x}
	merged, wanted := repeated(n), map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	for i, at := range merged {
		if wanted[n.Ops[at].Name] {
			delete(merged, i)
		}
	}
	used := needed(n, names)
	for i := range n.Ops {
		o := &n.Ops[i]
		if !used[o.Name] {
			continue
		}
		if at, ok := merged[i]; ok {
			y := subpixel(values[n.Ops[at].Inputs[0]], o, n.Ops[at].Size[0])
			values[o.Name] = activate(biased(x.Graph(), y, o.Bias), o.Activation)
			continue
		}
		var in []*graph.Node
		for _, name := range o.Inputs {
			in = append(in, values[name])
		}
		y := operate(x.Graph(), o, in)
		if o.Kind != netfile.Activate {
			y = activate(y, o.Activation)
		}
		values[o.Name] = y
	}
	var out []*graph.Node
	for _, name := range names {
		out = append(out, values[name])
	}
	return out
}

// needed are the values that some values of a network are computed from, and those.
func needed(n *netfile.Network, names []string) map[string]bool {
	used := map[string]bool{}
	for _, name := range names {
		used[name] = true
	}
	for i := len(n.Ops) - 1; i >= 0; i-- {
		if used[n.Ops[i].Name] {
			for _, in := range n.Ops[i].Inputs {
				used[in] = true
			}
		}
	}
	return used
}

func constant(g *graph.Graph, t *tensorfile.Tensor, shape ...int) *graph.Node {
	if len(shape) == 0 {
		shape = t.Shape
	}
	return graph.ConstTensor(g, tensors.FromFlatDataAndDimensions(t.Values, shape...))
}

// perChannel makes numbers of channels broadcast against a node of that rank.
func perChannel(g *graph.Graph, t *tensorfile.Tensor, rank int) *graph.Node {
	shape := []int{1, 1, 1, 1}[:rank]
	shape[rank-1] = len(t.Values)
	return constant(g, t, shape...)
}

// operate is the result of an operation, without its activation.
func operate(g *graph.Graph, o *netfile.Op, in []*graph.Node) *graph.Node {
	switch o.Kind {
	case netfile.Constant:
		shape := append([]int{1, 1, 1, 1}[:4-len(o.Kernel.Shape)], o.Kernel.Shape...)
		return constant(g, o.Kernel, shape...)
	case netfile.Add:
		return graph.Add(in[0], in[1])
	case netfile.Subtract:
		return graph.Sub(in[0], in[1])
	case netfile.Multiply:
		return graph.Mul(in[0], in[1])
	case netfile.Concat:
		return graph.Concatenate(in, -1)
	}
	x := in[0]
	dims := x.Shape().Dimensions
	switch o.Kind {
	case netfile.Activate:
		return activate(x, o.Activation)
	case netfile.Affine:
		return graph.Add(graph.Mul(x, perChannel(g, o.Kernel, 4)), perChannel(g, o.Bias, 4))
	case netfile.Flatten:
		return graph.Reshape(x, dims[0], -1) // [batch, height·width·channels]
	case netfile.MeanAll:
		return graph.ReduceAndKeep(x, graph.ReduceMean, 1, 2) // [batch, 1, 1, channels]
	case netfile.Pad:
		return padded(x, o.Pads, 0)
	case netfile.Nearest:
		return nn.Nearest(x, dims[1]*o.Size[0], dims[2]*o.Size[1]) // [batch, height', width', channels]
	case netfile.Bilinear:
		return nn.Bilinear(x, o.Size[0], o.Size[1]) // [batch, height', width', channels]
	case netfile.MaxPool, netfile.MeanPool:
		return pooled(x, o)
	}
	return biased(g, weighed(g, o, x), o.Bias)
}

func biased(g *graph.Graph, x *graph.Node, bias *tensorfile.Tensor) *graph.Node {
	if bias == nil {
		return x
	}
	return graph.Add(x, perChannel(g, bias, x.Rank()))
}

// weighed is the product of x with the kernel of an operation.
func weighed(g *graph.Graph, o *netfile.Op, x *graph.Node) *graph.Node {
	dims := x.Shape().Dimensions
	switch o.Kind {
	case netfile.Dense:
		return graph.Dot(x, constant(g, o.Kernel)).Product() // [batch, out]
	case netfile.ConvTransposed:
		return nn.ConvTransposedPadded(x, constant(g, o.Kernel), o.Stride[0], 0, 0) // [batch, height', width', out]
	case netfile.Depthwise:
		return depthwise(g, o, x)
	}
	var axes vjp.Geometry
	for axis := range 2 {
		pads := o.Padding(axis, dims[1+axis])
		axes = append(axes, vjp.Axis{Stride: o.Stride[axis], Dilation: o.Dilation[axis], Before: pads[0], After: pads[1]})
	}
	return vjp.Conv(x, constant(g, o.Kernel), axes) // [batch, height', width', out]
}

// depthwise convolves each channel by itself.
func depthwise(g *graph.Graph, o *netfile.Op, x *graph.Node) *graph.Node {
	dims, k := x.Shape().Dimensions, o.Kernel.Shape
	kernel := constant(g, o.Kernel, k[0], k[1], 1, k[2]*k[3])
	return graph.Convolve(x, kernel).StridePerAxis(o.Stride[:]...).DilationPerAxis(o.Dilation[:]...).
		PaddingPerDim([][2]int{o.Padding(0, dims[1]), o.Padding(1, dims[2])}).ChannelGroupCount(k[2]).Done() // [batch, height', width', in·multiplier]
}

// padded puts a number around pictures.
func padded(x *graph.Node, pads [2][2]int, fill float64) *graph.Node {
	axes := make([]graph.PadAxis, 4)
	for axis := range 2 {
		axes[1+axis] = graph.PadAxis{Start: pads[axis][0], End: pads[axis][1]}
	}
	return graph.Pad(x, graph.Scalar(x.Graph(), x.DType(), fill), axes...)
}

// pooled takes the maximum or the mean of windows, as far as they lie in the picture.
func pooled(x *graph.Node, o *netfile.Op) *graph.Node {
	dims := x.Shape().Dimensions
	pads := [2][2]int{o.Padding(0, dims[1]), o.Padding(1, dims[2])}
	if o.Kind == netfile.MaxPool {
		const least = -3e38
		if pads != [2][2]int{} {
			x = padded(x, pads, least)
		}
		if o.Size[0] == o.Size[1] && o.Stride[0] == o.Stride[1] { // whose gradient is right where windows overlap
			return nn.MaxPool(x, nn.Kernel{Size: o.Size[0], Stride: o.Stride[0]}) // [batch, height', width', channels]
		}
		return graph.MaxPool(x).WindowPerAxis(o.Size[:]...).StridePerAxis(o.Stride[:]...).NoPadding().Done()
	}
	if o.Size == [2]int{dims[1], dims[2]} && pads == [2][2]int{} {
		return graph.ReduceAndKeep(x, graph.ReduceMean, 1, 2) // [batch, 1, 1, channels]
	}
	ones := graph.Ones(x.Graph(), x.Shape())
	sum := func(x *graph.Node) *graph.Node {
		return graph.SumPool(padded(x, pads, 0)).WindowPerAxis(o.Size[:]...).StridePerAxis(o.Stride[:]...).NoPadding().Done()
	}
	return graph.Div(sum(x), sum(ones))
}

func activate(x *graph.Node, how string) *graph.Node {
	zero := func() *graph.Node { return graph.ZerosLike(x) }
	six := func(x *graph.Node) *graph.Node { return graph.Min(x, graph.Scalar(x.Graph(), dtypes.Float32, 6)) }
	switch how {
	case netfile.ReLU:
		return graph.Max(x, zero())
	case netfile.ReLU6:
		return six(graph.Max(x, zero()))
	case netfile.Sigmoid:
		return graph.Sigmoid(x)
	case netfile.Tanh:
		return graph.Tanh(x)
	case netfile.Softmax:
		return graph.Softmax(x)
	case netfile.HardSwish: // Howard et al. 2019, arXiv:1905.02244
		return graph.MulScalar(graph.Mul(x, six(graph.Max(graph.AddScalar(x, 3), zero()))), 1./6)
	}
	return x
}
