package arch

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

func init() {
	Velocities.Add("unet", "residual blocks down to a small picture and up again, pictures of 16 to 256 pixels a side (Ronneberger, Fischer and Brox 2015, arXiv:1505.04597; Ho, Jain and Abbeel 2020, arXiv:2006.11239)",
		func() VelocityArch { return &UNet{Width: 16, Limit: 64, Depth: 1, Features: 64} })
}

// UNet halves a picture until it is small and doubles it again; what each size held on
// the way down is added on the way up. Every block is told time and class. With its
// defaults a picture of 28×28 takes 27 million multiply-adds.
type UNet struct {
	Width    int `help:"channels at the size of the picture; each half of that size has twice as many"`
	Limit    int `help:"most channels of a layer"`
	Depth    int `help:"blocks at each size on each way, of two convolutions each"`
	Features int `help:"width of what tells the blocks time and class"`
}

// Velocity implements [VelocityArch].
func (a *UNet) Velocity(spec data.Spec) (Velocity, error) {
	levels, err := pyramid(spec.Target(), a.Width, a.Limit, 1)
	if err != nil {
		return nil, fmt.Errorf("velocity unet: %w", err)
	}
	if err := checkDepth(a.Depth); err != nil {
		return nil, fmt.Errorf("velocity unet: %w", err)
	}
	if a.Features < 2 || a.Features > 4096 || a.Features%2 != 0 {
		return nil, fmt.Errorf("velocity unet: features %d is not an even number in 2..4096; usual is 64", a.Features)
	}
	m := &unet{UNet: a, levels: levels, channels: spec.Target().Shape[2], beside: spec.Beside(), classes: len(spec.ClassNames())}
	return m.velocity, nil
}

// Multiple implements [Resizable].
func (a *UNet) Multiple(spec data.Spec) (int, error) {
	levels, err := pyramid(spec.Target(), a.Width, a.Limit, 1)
	return 1 << max(0, len(levels)-1), err
}

// unet is a UNet that knows its data.
type unet struct {
	*UNet
	levels   []level // the smallest first
	channels int
	beside   []string // pictures that it is told
	classes  int
}

// velocity is a [Velocity], of pictures of any size that halves as often as that which it
// was made for.
func (m *unet) velocity(s *model.Scope, x, time *graph.Node, given Conditions) *graph.Node {
	told := m.told(s, time, given.Class()) // [batch, features]
	largest := len(m.levels) - 1
	seen := []*graph.Node{x}
	for _, name := range m.beside {
		seen = append(seen, given[name])
	}
	if len(seen) > 1 {
		x = graph.Concatenate(seen, -1) // [batch, height, width, channels of all]
	}
	x = nn.Conv(s.In("in"), x, m.Width, kernel3, nn.Fan(9*x.Shape().Dim(-1))) // [batch, height, width, width]
	kept := make([]*graph.Node, len(m.levels))
	for i := largest; i >= 0; i-- {
		if x = m.blocks(s.In("down_%d", i), x, told); i == 0 {
			break
		}
		kept[i] = x
		in := m.levels[i].channels
		x = nn.Plain.DownsampleConv(s.In("half_%d", i), x, m.levels[i-1].channels, nn.Fan(9*in)) // [batch, height/2, width/2, channels]
	}
	for i := range m.levels {
		if i > 0 {
			in := m.levels[i-1].channels
			x = nn.UpsampleConv(s.In("double_%d", i), x, m.levels[i].channels, nn.Fan(9*in)) // [batch, height, width, channels]
			x = graph.Add(x, kept[i])
		}
		x = m.blocks(s.In("up_%d", i), x, told)
	}
	x = nn.Silu(nn.GroupNorm(s.In("norm"), x, nil, groupsOf(m.Width)))
	return nn.Conv(s.In("out"), x, m.channels, kernel3, 0) // [batch, height, width, channels of the target]
}

// blocks are those of a level on one of the ways.
func (m *unet) blocks(s *model.Scope, x, told *graph.Node) *graph.Node {
	for j := range m.Depth {
		x = toldBlock(s.In("block_%d", j), x, told)
	}
	return x
}

// toldBlock adds to x [batch, height, width, channels] what two convolutions make of
// it; told [batch, features] scales and shifts what is between them. At first it adds
// nothing.
func toldBlock(s *model.Scope, x, told *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[3]
	y := nn.Silu(nn.GroupNorm(s.In("norm_0"), x, nil, groupsOf(channels)))
	y = nn.Conv(s.In("conv_0"), y, channels, kernel3, nn.He(9*channels))
	y = nn.Silu(nn.GroupNorm(s.In("norm_1"), y, told, groupsOf(channels)))
	return graph.Add(x, nn.Conv(s.In("conv_1"), y, channels, kernel3, 0))
}

// told is what all blocks are told of times [batch] and classes y [batch], nil if there
// are none: [batch, features].
func (m *unet) told(s *model.Scope, time, y *graph.Node) *graph.Node {
	x := waves(time, m.Features)
	x = nn.Silu(nn.Dense(s.In("time_0"), x, m.Features, nn.Fan(m.Features)))
	x = nn.Dense(s.In("time_1"), x, m.Features, nn.Fan(m.Features))
	if y != nil {
		x = graph.Add(x, nn.Embedding(s.In("class"), y, m.classes+1, m.Features, 1, x))
	}
	return nn.Silu(x)
}

// waves are sines and cosines of times [batch] in [0, 1], from less than one wave to 100
// radians, as many as the width, which is even: [batch, width] (Vaswani et al. 2017,
// arXiv:1706.03762).
func waves(time *graph.Node, width int) *graph.Node {
	rates := make([]float64, width/2)
	for i := range rates {
		rates[i] = math.Pow(100, float64(i)/float64(max(len(rates)-1, 1)))
	}
	angles := graph.Mul(graph.InsertAxes(time, -1), graph.InsertAxes(graph.ConstAsDType(time.Graph(), time.DType(), rates), 0)) // [batch, width/2]
	return graph.Concatenate([]*graph.Node{graph.Sin(angles), graph.Cos(angles)}, 1)
}

// groupsOf is how many groups channels are normalised in: of 8 where that divides them,
// or else of as many as does.
func groupsOf(channels int) int {
	size := 8
	for channels%size != 0 {
		size /= 2
	}
	return channels / size
}
