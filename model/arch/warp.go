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

// A Warp predicts the frames after given ones by moving the pixels of the last. A network tells for
// each cell of pixels how fast it moves, on average until each of the frames ahead, and the pixels
// are splatted there (Niklaus and Liu 2020, arXiv:2003.05534), so that what is predicted stays as
// sharp as what was given. The network is told how well each cell fits what moved with each
// velocity between the frames, cost volumes (Sun et al. 2017, arXiv:1709.02371), which alone are
// what it says at first.
type Warp struct {
	Given int // frames that are looked at, at least 2
	Ahead int // frames that are predicted at once
	Reach int // how far pixels move from one frame to the next at most, along each axis
	Patch int // side of the cells of pixels, which move together

	network   Velocity
	channels  int
	low, high float64
}

// Numbers of the velocities at first.
const (
	costScale  = 120 // by which costs are turned into logits
	costWindow = 9   // side in cells of the window over which costs are averaged
	binsPerOne = 2   // velocities are told apart in steps of half a pixel per frame
)

// NewWarp returns a predictor with a network of this architecture for the frames of a field.
func NewWarp(given, ahead, reach, patch int, network registry.Choice[VelocityArch], f data.Field) (*Warp, error) {
	if f.Kind != data.Frames {
		return nil, fmt.Errorf("it predicts the frames of clips, not %v", f)
	}
	h, w, c := f.Shape[1], f.Shape[2], f.Shape[3]
	if h%patch != 0 || w%patch != 0 {
		return nil, fmt.Errorf("frames of %d×%d pixels are not made of cells of %d×%d; set the size of the data to a multiple", w, h, patch, patch)
	}
	a := &Warp{Given: given, Ahead: ahead, Reach: reach, Patch: patch, channels: c, low: float64(f.Low), high: float64(f.High)}
	cells := data.Field{Name: data.Target, Kind: data.Pixels, Shape: []int{h / patch, w / patch, 2 * ahead * a.bins()}, Low: -1, High: 1}
	var err error
	a.network, err = VelocityOf(network, data.Spec{Fields: []data.Field{cells}})
	return a, err
}

// bins is the number of velocities along an axis.
func (a *Warp) bins() int { return 2*binsPerOne*a.Reach + 1 }

// Next are the frames after those seen, [batch, height, width, channels] each, oldest first.
func (a *Warp) Next(s *model.Scope, seen []*graph.Node) []*graph.Node {
	seen = slices.Clone(seen[len(seen)-a.Given:])
	for i, x := range seen { // what is dark has no weight, and lies beyond the edges
		seen[i] = graph.SubScalar(x, a.low)
	}
	last := seen[a.Given-1]
	logits, told := a.evidence(s, seen) // [batch, height/patch, width/patch, 2, bins]
	d := logits.Shape().Dimensions
	for _, x := range seen {
		told = append(told, nn.Cells(x, a.Patch))
	}
	zero := graph.Zeros(last.Graph(), graphShape(last, d[0]))
	out := a.network(s.In("network"), graph.Concatenate(told, -1), zero, nil) // [batch, height/patch, width/patch, ahead·2·bins]
	out = graph.Add(graph.Reshape(out, d[0], d[1], d[2], a.Ahead, 2, a.bins()), graph.InsertAxes(logits, 3))
	speed := a.expected(nn.Softmax(out)) // [batch, height/patch, width/patch, ahead, 2]
	speed = nn.Bilinear(graph.Reshape(speed, d[0], d[1], d[2], 2*a.Ahead), d[1]*a.Patch, d[2]*a.Patch)
	frames := make([]*graph.Node, a.Ahead)
	for k := range frames {
		along := func(axis int) *graph.Node { // [batch, height, width, 1]
			at := 2*k + axis
			return graph.MulScalar(graph.Slice(speed, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisRange(at, at+1)), float64(k+1))
		}
		frames[k] = a.splat(last, along(0), along(1), (k+1)*a.Reach)
	}
	return frames
}

// expected are the mean velocities of distributions [..., bins].
func (a *Warp) expected(p *graph.Node) *graph.Node {
	v := make([]float64, a.bins())
	for i := range v {
		v[i] = float64(i)/binsPerOne - float64(a.Reach)
	}
	speeds := graph.ExpandLeftToRank(graph.ConstAsDType(p.Graph(), p.DType(), v), p.Rank())
	return graph.ReduceSum(graph.Mul(p, speeds), -1)
}

// evidence are the logits of velocities, along y and along x, as far as the frames tell without a
// network, [batch, height/patch, width/patch, 2, bins], and the probabilities by each pair of frames
// that the network is told.
func (a *Warp) evidence(s *model.Scope, seen []*graph.Node) (logits *graph.Node, told []*graph.Node) {
	last := seen[a.Given-1]
	var total *graph.Node
	pairs := []int{1}
	if a.Given > 2 {
		pairs = append(pairs, a.Given-1)
	}
	for _, apart := range pairs {
		cost := a.cost(last, seen[a.Given-1-apart], apart) // [batch, height/patch, width/patch, bins²]
		scale := nn.Filled(s, fmt.Sprintf("cost_scale_%d", apart), 0, last.DType(), 1).NodeValue(last)
		fit := graph.Mul(cost, graph.Reshape(graph.MulScalar(graph.Exp(scale), -costScale), 1, 1, 1, 1))
		told = append(told, a.marginals(fit))
		if total == nil {
			total = fit
		} else {
			total = graph.Add(total, fit)
		}
	}
	logits = graph.Log(graph.AddScalar(a.marginals(total), 1e-4))
	d := logits.Shape().Dimensions
	return graph.Reshape(logits, d[0], d[1], d[2], 2, a.bins()), told
}

// marginals are the probabilities of velocities along y and along x, [batch, height, width, 2·bins],
// by the logits of both together [batch, height, width, bins²].
func (a *Warp) marginals(both *graph.Node) *graph.Node {
	n := a.bins()
	sums := make([]float64, n*n*2*n)
	for vy := range n {
		for vx := range n {
			row := sums[(vy*n+vx)*2*n:]
			row[vy], row[n+vx] = 1, 1
		}
	}
	d := both.Shape().Dimensions
	p := graph.Reshape(nn.Softmax(both), -1, n*n)
	p = nn.LinearWith(p, graph.Reshape(graph.ConstAsDType(both.Graph(), both.DType(), sums), n*n, 2*n))
	return graph.Reshape(p, d[0], d[1], d[2], 2*n)
}

// cost is the squared difference of each pixel from the one of an earlier frame, so many frames
// before, that moved there with each velocity: [batch, height/patch, width/patch, bins²], averaged
// around each cell. y is the outer velocity.
func (a *Warp) cost(last, before *graph.Node, apart int) *graph.Node {
	d := last.Shape().Dimensions
	pad := apart*a.Reach + 1
	phases := a.halves(before, pad)
	var all []*graph.Node
	for vy := range a.bins() {
		for vx := range a.bins() {
			my, ry := a.from(vy, apart)
			mx, rx := a.from(vx, apart)
			moved := graph.Slice(phases[ry][rx], graph.AxisRange(), graph.AxisRange(pad-my, pad-my+d[1]), graph.AxisRange(pad-mx, pad-mx+d[2]), graph.AxisRange())
			all = append(all, overChannels(graph.Square(graph.Sub(last, moved))))
		}
	}
	cost := graph.Concatenate(all, -1) // [batch, height, width, bins²]
	if a.Patch > 1 {
		cost = nn.MeanPool(cost, nn.Kernel{Size: a.Patch, Stride: a.Patch})
	}
	return averaged(cost, costWindow)
}

// overChannels is the mean of x [batch, height, width, channels] over its channels, which stay an axis.
func overChannels(x *graph.Node) *graph.Node {
	if x.Shape().Dim(-1) == 1 {
		return x
	}
	return graph.ReduceAndKeep(x, graph.ReduceMean, -1)
}

// averaged is the mean of x [batch, height, width, channels] over a square window around each pixel,
// beyond the edges of which is nothing.
func averaged(x *graph.Node, window int) *graph.Node {
	d := x.Shape().Dimensions
	band := func(n int) *graph.Node { // [n, n]
		rows := make([]float64, n*n)
		for i := range n {
			for j := max(0, i-window/2); j <= min(n-1, i+window/2); j++ {
				rows[i*n+j] = 1 / float64(window)
			}
		}
		return graph.Reshape(graph.ConstAsDType(x.Graph(), x.DType(), rows), n, n)
	}
	x = graph.Einsum("ph,bhwc->bpwc", band(d[1]), x)
	return graph.Einsum("qw,bpwc->bpqc", band(d[2]), x)
}

// from is how many whole pixels a velocity moves in so many frames, and the half beyond, 0 or 1; it
// is taken from the half before the next pixel.
func (a *Warp) from(bin, frames int) (whole, half int) {
	halves := frames * (bin - binsPerOne*a.Reach)
	half = (halves%2 + 2) % 2
	return (halves + half) / 2, half
}

// halves are a frame and its means with the pixels below, beside and both, padded: by y, then by x.
func (a *Warp) halves(x *graph.Node, pad int) (phases [2][2]*graph.Node) {
	zero := graph.ScalarZero(x.Graph(), x.DType())
	side := graph.PadAxis{Start: pad, End: pad + 1}
	x = graph.Pad(x, zero, graph.PadAxis{}, side, side, graph.PadAxis{}) // [batch, height + 2·pad + 1, width + 2·pad + 1, channels]
	d := x.Shape().Dimensions
	part := func(dy, dx int) *graph.Node {
		return graph.Slice(x, graph.AxisRange(), graph.AxisRange(dy, d[1]-1+dy), graph.AxisRange(dx, d[2]-1+dx), graph.AxisRange())
	}
	mean := func(p, q *graph.Node) *graph.Node { return graph.MulScalar(graph.Add(p, q), 0.5) }
	phases[0][0] = part(0, 0)
	phases[1][0] = mean(part(0, 0), part(1, 0))
	phases[0][1] = mean(part(0, 0), part(0, 1))
	phases[1][1] = mean(phases[1][0], mean(part(0, 1), part(1, 1)))
	return phases
}

// solid is by how much a value is above the darkest where something hides what is behind it, as a
// share of the range.
const solid = 0.1

// splat moves each pixel of x [batch, height, width, channels], of values from 0 up, by dy and dx
// [batch, height, width, 1] of at most reach pixels: along x, then along y. Where several come to lie
// on each other, it is their mean, in which the brighter ones weigh more.
func (a *Warp) splat(x, dy, dx *graph.Node, reach int) *graph.Node {
	span := a.high - a.low
	light := overChannels(x)                                                      // [batch, height, width, 1]
	there := graph.MinScalar(graph.MulScalar(light, 1/(solid*span)), 1)           // whether anything is there
	weight := graph.AddScalar(light, 1e-3)                                        // of the movement along y
	planes := append(channelsOf(x), channelsOf(graph.Mul(x, light))...)           //
	planes = append(planes, channelsOf(light)...)                                 //
	planes = append(planes, channelsOf(there)...)                                 //
	planes = append(planes, channelsOf(weight)...)                                //
	planes = append(planes, channelsOf(graph.Mul(weight, dy))...)                 //
	carried := shifted(graph.Concatenate(planes, 0), channelsOf(dx)[0], 2, reach) // [2·channels + 4, batch, height, width]
	part := func(i int) *graph.Node { return graph.Slice(carried, graph.AxisElem(i)) }
	c := a.channels
	along := graph.Div(part(2*c+3), graph.AddScalar(part(2*c+2), 1e-6)) // [1, batch, height, width]
	carried = shifted(graph.Slice(carried, graph.AxisRange(0, 2*c+2)), along, 1, reach)
	bright := graph.AddScalar(part(2*c), 1e-6)
	over := graph.MaxScalar(graph.MinScalar(graph.SubScalar(part(2*c+1), 1), 1), 0) // how much lies on something else
	frame := make([]*graph.Node, c)
	for i := range frame {
		mean := graph.Div(part(c+i), bright)
		frame[i] = graph.AddScalar(graph.MinScalar(graph.Add(part(i), graph.Mul(over, graph.Sub(mean, part(i)))), span), a.low)
		frame[i] = graph.Reshape(frame[i], append(slices.Clone(frame[i].Shape().Dimensions[1:]), 1)...)
	}
	if c == 1 {
		return frame[0]
	}
	return graph.Concatenate(frame, -1)
}

// channelsOf are the channels of x [batch, height, width, channels] as planes [1, batch, height, width].
func channelsOf(x *graph.Node) []*graph.Node {
	d := x.Shape().Dimensions
	all := make([]*graph.Node, d[3])
	for i := range all {
		one := x
		if d[3] > 1 {
			one = graph.Slice(x, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisElem(i))
		}
		all[i] = graph.Reshape(one, 1, d[0], d[1], d[2])
	}
	return all
}

// shifted moves each pixel of planes x [planes, batch, height, width] along an axis, 1 for height and 2
// for width, by so many pixels [1, batch, height, width], at most reach; between two pixels it is
// shared by both.
func shifted(x, by *graph.Node, axis, reach int) *graph.Node {
	size, zero := x.Shape().Dim(1+axis), graph.ScalarZero(x.Graph(), x.DType())
	var out *graph.Node
	for to := -min(reach, size-1); to <= min(reach, size-1); to++ {
		share := nn.Relu(graph.OneMinus(graph.Abs(graph.SubScalar(by, float64(to))))) // [1, batch, height, width]
		moved := graph.Mul(x, share)
		keep := []graph.SliceAxisSpec{graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisRange()}
		pads := make([]graph.PadAxis, 4)
		switch {
		case to > 0:
			keep[1+axis], pads[1+axis] = graph.AxisRange(0, size-to), graph.PadAxis{Start: to}
		case to < 0:
			keep[1+axis], pads[1+axis] = graph.AxisRange(-to, size), graph.PadAxis{End: -to}
		}
		if to != 0 {
			moved = graph.Pad(graph.Slice(moved, keep...), zero, pads...)
		}
		if out == nil {
			out = moved
		} else {
			out = graph.Add(out, moved)
		}
	}
	return out
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
