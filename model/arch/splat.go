package arch

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"atelier/model/nn"
)

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
