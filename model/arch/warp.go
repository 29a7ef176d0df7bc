package arch

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/nn"
)

// A Warp predicts the frame after given ones. Each of its pixels is a mean of those around it in the
// last frame, with weights of its own (dynamic filters: De Brabandere et al. 2016, arXiv:1605.09673;
// masks of what is painted anew: Finn, Goodfellow and Levine 2016, arXiv:1605.07157). The network
// is told how well each pixel around fits what moved by as much between the last two frames, a cost
// volume (Sun et al. 2017, arXiv:1709.02371), which is also what the weights are at first.
type Warp struct {
	Given int // frames that are looked at, at least 2
	Reach int // how far pixels move from one frame to the next at most
	Patch int // side of the cells of pixels that the network works on, which share their weights

	network  Velocity
	channels int
	low      float64 // the darkest value
}

// Numbers of the weights at first.
const (
	costScale  = 30 // by which costs are turned into logits
	costWindow = 5  // side in cells of the window over which costs are averaged
	paintFirst = -4 // logit of the share of a pixel that is painted anew
)

// NewWarp returns a predictor with a network of this architecture for the frames of a field.
func NewWarp(given, reach, patch int, network registry.Choice[VelocityArch], f data.Field) (*Warp, error) {
	if f.Kind != data.Frames {
		return nil, fmt.Errorf("it predicts the frames of clips, not %v", f)
	}
	h, w, c := f.Shape[1], f.Shape[2], f.Shape[3]
	if h%patch != 0 || w%patch != 0 {
		return nil, fmt.Errorf("frames of %d×%d pixels are not made of cells of %d×%d; set the size of the data to a multiple", w, h, patch, patch)
	}
	a := &Warp{Given: given, Reach: reach, Patch: patch, channels: c, low: float64(f.Low)}
	cells := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{h / patch, w / patch, a.shifts() + 2*patch*patch*c}, Low: -1, High: 1}
	var err error
	a.network, err = VelocityOf(network, data.Spec{Fields: []data.Field{cells}})
	return a, err
}

// shifts is the number of pixels around one.
func (a *Warp) shifts() int { return (2*a.Reach + 1) * (2*a.Reach + 1) }

// Next is the frame after those seen, [batch, height, width, channels] each, oldest first.
func (a *Warp) Next(s *model.Scope, seen []*graph.Node) *graph.Node {
	seen = seen[len(seen)-a.Given:]
	last := seen[a.Given-1]
	d := last.Shape().Dimensions
	dark := func(x *graph.Node) *graph.Node { return graph.SubScalar(x, a.low) }                          // beyond the edges it is dark
	around := graph.Reshape(nn.Windows(dark(last), a.Reach, 1), d[0], d[1], d[2], a.shifts(), a.channels) // [batch, height, width, shifts, channels]
	cost := a.cost(dark(seen[a.Given-2]), around)                                                         // [batch, height/patch, width/patch, shifts]

	input := []*graph.Node{cost}
	for _, x := range seen {
		input = append(input, nn.Cells(x, a.Patch))
	}
	zero := graph.Zeros(last.Graph(), graphShape(last, d[0]))
	out := a.network(s.In("network"), graph.Concatenate(input, -1), zero, nil) // [batch, height/patch, width/patch, shifts + 2·patch²·channels]
	part := func(from, to int) *graph.Node {
		return graph.Slice(out, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisRange(from, to))
	}
	n, paint := a.shifts(), a.Patch*a.Patch*a.channels
	scale := nn.Filled(s, "cost_scale", 0, last.DType(), 1).NodeValue(last) // [1]
	fit := nn.MeanPool(cost, nn.Kernel{Size: costWindow, Stride: 1, Padding: costWindow / 2})
	fit = graph.Mul(fit, graph.Reshape(graph.MulScalar(graph.Exp(scale), -costScale), 1, 1, 1, 1))
	weights := nn.Softmax(graph.Add(part(0, n), fit)) // [batch, height/patch, width/patch, shifts]
	weights = graph.InsertAxes(nn.Nearest(weights, d[1], d[2]), -1)
	moved := graph.AddScalar(graph.ReduceSum(graph.Mul(around, weights), 3), a.low) // [batch, height, width, channels]
	painted := graph.Tanh(nn.Uncells(part(n, n+paint), a.Patch))
	share := graph.Sigmoid(graph.AddScalar(nn.Uncells(part(n+paint, n+2*paint), a.Patch), paintFirst))
	return graph.Add(moved, graph.Mul(share, graph.Sub(painted, moved))) // [batch, height, width, channels]
}

// cost is the squared difference of each pixel around in the last frame to the one twice as far in
// the frame before, which it was if it moves on like that, averaged over cells: [batch,
// height/patch, width/patch, shifts]. No gradient flows through it.
func (a *Warp) cost(before, around *graph.Node) *graph.Node {
	d := before.Shape().Dimensions
	twice := graph.Reshape(nn.Windows(before, a.Reach, 2), d[0], d[1], d[2], a.shifts(), a.channels) // [batch, height, width, shifts, channels]
	cost := graph.ReduceMean(graph.Square(graph.Sub(graph.StopGradient(around), graph.StopGradient(twice))), 4)
	if a.Patch == 1 {
		return cost
	}
	return nn.MeanPool(cost, nn.Kernel{Size: a.Patch, Stride: a.Patch})
}

// Split is a clip x [batch, frames, height, width, channels] as its frames from one up to, but not
// including, another.
func Split(x *graph.Node, from, to int) []*graph.Node {
	frames := make([]*graph.Node, to-from)
	for i := range frames {
		frames[i] = graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(from+i)), 1) // [batch, height, width, channels]
	}
	return frames
}

// Joined is a clip [batch, frames, height, width, channels] of these frames.
func Joined(frames []*graph.Node) *graph.Node {
	apart := slices.Clone(frames)
	for i, x := range apart {
		apart[i] = graph.InsertAxes(x, 1)
	}
	return graph.Concatenate(apart, 1)
}
