package pixelnet

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"atelier/internal/tensorfile"
	"atelier/model/nn"
)

// epsilon is added to the variances of instance norms.
const epsilon = 1e-3

func constant(g *graph.Graph, t tensorfile.Tensor) *graph.Node {
	return graph.ConstTensor(g, tensors.FromFlatDataAndDimensions(t.Values, t.Shape...))
}

// A builder builds the graph of a network for one size.
type builder struct {
	*layout
	kernel func(i int) *graph.Node       // of a layer, [height, width, in, out]
	vector func(name string) *graph.Node // [channels]
	given  *graph.Node                   // statistics of another picture, nil for those of this one
	at     int                           // how many of them were used
	own    []*graph.Node
}

// build maps x [1, height, width, channels] to the picture of the same size, and to the means and the
// inverse standard deviations of all norms, one after the other. If there are none, the second
// is nil.
func (n *Net) build(x, given *graph.Node) (out, statistics *graph.Node) {
	g := x.Graph()
	b := &builder{layout: &n.layout, given: given,
		kernel: func(i int) *graph.Node { return constant(g, n.kernels[i]) },
		vector: func(name string) *graph.Node { return constant(g, n.tensors[name]) },
	}
	return b.build(x)
}

// build is [Net.build] for batches of any size, of which each picture has its own statistics.
func (b *builder) build(x *graph.Node) (out, statistics *graph.Node) {
	d := x.Shape().Dimensions
	top, left := min(b.Mirror, d[1]), min(b.Mirror, d[2])
	if b.Mirror > 0 {
		x = mirrored(mirrored(x, 1, top), 2, left) // [batch, height + 2·top, width + 2·left, channels]
	}
	input := x
	var begun *graph.Node
	for i, l := range b.Layers {
		if l.Begin {
			begun = x
		}
		if x = b.layer(i, x); l.ReLU {
			x = graph.Max(x, graph.ZerosLike(x))
		}
		if l.Add {
			x = graph.Add(x, begun)
		}
	}
	switch b.Out {
	case outTanh:
		x = graph.AddScalar(graph.MulScalar(graph.Tanh(x), 150), 127.5)
	case outAdded:
		x = graph.Add(input, graph.MulScalar(graph.Tanh(x), 150))
	case outResidual:
		x = graph.Sub(input, x)
	}
	if b.Mirror > 0 {
		x = graph.Slice(x, graph.AxisRange(), graph.AxisRange(top, top+d[1]), graph.AxisRange(left, left+d[2]))
	}
	if len(b.own) > 0 {
		statistics = graph.Concatenate(b.own, 0)
	}
	return x, statistics
}

// mirrored goes on beyond both ends of an axis of x with what lies before them, the other way round.
func mirrored(x *graph.Node, axis, by int) *graph.Node {
	side := x.Shape().Dimensions[axis]
	part := func(from, to int) *graph.Node {
		axes := make([]graph.SliceAxisSpec, x.Rank())
		for i := range axes {
			axes[i] = graph.AxisRange()
		}
		axes[axis] = graph.AxisRange(from, to)
		return graph.Reverse(graph.Slice(x, axes...), axis)
	}
	return graph.Concatenate([]*graph.Node{part(0, by), x, part(side-by, side)}, axis)
}

// layer is the convolution of a layer with bias or norm.
func (b *builder) layer(i int, x *graph.Node) *graph.Node {
	l, kernel := b.Layers[i], b.kernel(i)
	size, stride := kernel.Shape().Dimensions[0], max(l.Stride, 1)
	if l.Repeat > 1 {
		d := x.Shape().Dimensions
		x = nn.Nearest(x, d[1]*l.Repeat, d[2]*l.Repeat) // [batch, height', width', in]
	}
	switch pad := size - stride; {
	case l.Up > 0: // the transpose of a convolution with that stride and padding
		cut := size - l.Up
		x = nn.ConvTransposedPadded(x, kernel, l.Up, cut/2, cut-cut/2)
	default: // as TensorFlow and PyTorch pad: what is odd comes after
		x = nn.ConvPadded(x, kernel, stride, pad/2, pad-pad/2)
	}
	if l.Bias != "" {
		x = graph.Add(x, graph.Reshape(b.vector(l.Bias), 1, 1, 1, -1))
	}
	if l.Scale == "" {
		return x
	}
	mean, inverse := b.moments(x)
	x = graph.Mul(graph.Sub(x, mean), inverse)
	x = graph.Mul(x, graph.Reshape(b.vector(l.Scale), 1, 1, 1, -1))
	return graph.Add(x, graph.Reshape(b.vector(l.Shift), 1, 1, 1, -1))
}

// moments are the mean and the inverse standard deviation of each channel.
func (b *builder) moments(x *graph.Node) (mean, inverse *graph.Node) {
	channels := x.Shape().Dimensions[3]
	if b.given != nil {
		from := b.at
		b.at += 2 * channels
		both := graph.Slice(b.given, graph.AxisRange(from, b.at))
		return graph.Reshape(graph.Slice(both, graph.AxisRange(0, channels)), 1, 1, 1, channels),
			graph.Reshape(graph.Slice(both, graph.AxisRange(channels, 2*channels)), 1, 1, 1, channels)
	}
	mean = graph.ReduceAndKeep(x, graph.ReduceMean, 1, 2) // [batch, 1, 1, channels]
	square := graph.Square(graph.Sub(x, mean))
	variance := graph.ReduceAndKeep(square, graph.ReduceMean, 1, 2)
	inverse = graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, epsilon)))
	b.own = append(b.own, graph.Reshape(mean, -1), graph.Reshape(inverse, -1))
	return mean, inverse
}
