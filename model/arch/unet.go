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
	Velocities.Add("unet", "U-Net of residual blocks, for pictures of 16 to 256 pixels (Ronneberger, Fischer and Brox 2015, arXiv:1505.04597; Ho, Jain and Abbeel 2020, arXiv:2006.11239)",
		func() VelocityArch { return &UNet{Width: 16, Limit: 64, Depth: 1, Features: 64} })
}

// UNet downsamples a picture and upsamples it again, with skip connections at each
// resolution. Every block is conditioned on time and class. With its defaults a picture of
// 28×28 takes 27 million multiply-adds.
type UNet struct {
	Width    int `help:"channels at full resolution; doubled each time the resolution is halved"`
	Limit    int `help:"largest number of channels in a layer"`
	Depth    int `help:"residual blocks per resolution, on the way down and on the way up"`
	Features int `help:"conditioning width: of the embedding of time and class"`
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
		return nil, fmt.Errorf("velocity unet: want an even number of features from 2 to 4096, got %d; 64 is usual", a.Features)
	}
	m := &unet{UNet: a, levels: levels, channels: spec.Target().Shape[2], beside: spec.Beside(), numbers: numbersOf(spec)}
	return m.velocity, nil
}

// Multiple implements [Resizable].
func (a *UNet) Multiple(spec data.Spec) (int, error) {
	levels, err := pyramid(spec.Target(), a.Width, a.Limit, 1)
	return 1 << max(0, len(levels)-1), err
}

// unet is a UNet for a data spec.
type unet struct {
	*UNet
	levels   []level // the smallest first
	channels int
	beside   []string // pictures that it is conditioned on
	numbers
}

// velocity is a [Velocity], for pictures of any size that can be halved as often as the
// size in the spec.
func (m *unet) velocity(s *model.Scope, x, time *graph.Node, given Conditions) *graph.Node {
	told := m.told(s, time, given) // [batch, features]
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

// blocks applies the blocks of a level, on the way down or up.
func (m *unet) blocks(s *model.Scope, x, told *graph.Node) *graph.Node {
	for j := range m.Depth {
		x = toldBlock(s.In("block_%d", j), x, told)
	}
	return x
}

// toldBlock is a residual block of two convolutions on x [batch, height, width, channels];
// told [batch, features] scales and shifts the activations between them. It starts as the
// identity.
func toldBlock(s *model.Scope, x, told *graph.Node) *graph.Node {
	channels := x.Shape().Dimensions[3]
	y := nn.Silu(nn.GroupNorm(s.In("norm_0"), x, nil, groupsOf(channels)))
	y = nn.Conv(s.In("conv_0"), y, channels, kernel3, nn.He(9*channels))
	y = nn.Silu(nn.GroupNorm(s.In("norm_1"), y, told, groupsOf(channels)))
	return graph.Add(x, nn.Conv(s.In("conv_1"), y, channels, kernel3, 0))
}

// told is the embedding of times [batch], classes and captions that conditions all blocks:
// [batch, features].
func (m *unet) told(s *model.Scope, time *graph.Node, given Conditions) *graph.Node {
	x := sinusoidal(time, m.Features)
	x = nn.Silu(nn.Dense(s.In("time_0"), x, m.Features, nn.Fan(m.Features)))
	x = nn.Dense(s.In("time_1"), x, m.Features, nn.Fan(m.Features))
	if y := given.Class(); y != nil {
		x = graph.Add(x, nn.Embedding(s.In("class"), y, m.classes+1, m.Features, 1, x))
	}
	if words := given.Words(); words != nil {
		caption := ofWords(nn.Plain, s.In("words"), words, m.words, m.Features, 1, x)
		x = graph.Add(x, nn.Dense(s.In("caption"), caption, m.Features, nn.Fan(m.Features)))
	}
	return nn.Silu(x)
}

// sinusoidal is the sinusoidal embedding of times [batch] in [0, 1], with frequencies from
// less than one wave to 100 radians: [batch, width], width even (Vaswani et al. 2017,
// arXiv:1706.03762).
func sinusoidal(time *graph.Node, width int) *graph.Node {
	rates := make([]float64, width/2)
	for i := range rates {
		rates[i] = math.Pow(100, float64(i)/float64(max(len(rates)-1, 1)))
	}
	angles := graph.Mul(graph.InsertAxes(time, -1), graph.InsertAxes(graph.ConstAsDType(time.Graph(), time.DType(), rates), 0)) // [batch, width/2]
	return graph.Concatenate([]*graph.Node{graph.Sin(angles), graph.Cos(angles)}, 1)
}

// groupsOf is the number of groups of a group norm: groups of 8 channels if 8 divides them,
// or else of the largest size that does.
func groupsOf(channels int) int {
	size := 8
	for channels%size != 0 {
		size /= 2
	}
	return channels / size
}
