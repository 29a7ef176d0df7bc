package arch

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

// StyleDiscriminator halves a picture until it is small, by blocks of two convolutions
// beside a shortcut. Its weights are equalised ([nn.Equalised]).
type StyleDiscriminator struct {
	Width  int   `help:"channels at the size of the picture; each half of that size has twice as many"`
	Limit  int   `help:"most channels of a layer"`
	Patch  int   `help:"pixels a side of the squares that networks see as one, 1 or 2; with 2 there are no layers at the size of the picture, which take most of the time"`
	Hidden []int `help:"widths of dense layers after the convolutions, first to last"`
	// Minibatch adds a channel before the last of the convolutions.
	Minibatch bool `help:"show D how much neighbours in a batch differ, so that it sees fakes that are too alike (Karras et al. 2017, arXiv:1710.10196)"`
}

// Discriminator implements [DiscriminatorArch].
func (a *StyleDiscriminator) Discriminator(spec data.Spec) (Discriminator, error) {
	levels, err := pyramid(spec.Target(), a.Width, a.Limit, a.Patch)
	if err != nil {
		return nil, fmt.Errorf("discriminator style: %w", err)
	}
	if err := checkHidden(a.Hidden); err != nil {
		return nil, fmt.Errorf("discriminator style: hidden: %w", err)
	}
	l := layers{nn.Equalised(1), unchanged}
	classes := len(spec.ClassNames())
	return func(s *model.Scope, x, y *graph.Node) (features, logits *graph.Node) {
		x = leaky(enter(s.In("in"), l, x, levels[len(levels)-1].channels, a.Patch))
		for i := len(levels) - 1; i > 0; i-- {
			x = styleHalve(s.In("half_%d", i), l, x, levels[i-1].channels) // [batch, height, width, channels]
		}
		if a.Minibatch {
			x = nn.MinibatchDeviation(s.In("minibatch"), x) // [batch, height, width, channels+1]
		}
		x = leaky(l.Conv(s.In("last"), x, levels[0].channels, kernel3, nn.He(9*x.Shape().Dimensions[3])))
		x = graph.Reshape(x, x.Shape().Dimensions[0], -1)
		features = l.hidden(s, x, a.Hidden, leaky) // [batch, features]
		return features, l.judge(s, features, y, classes)
	}, nil
}

// styleHalve maps x [batch, height, width, in] to [batch, height/2, width/2, channels].
func styleHalve(s *model.Scope, l layers, x *graph.Node, channels int) *graph.Node {
	in := x.Shape().Dimensions[3]
	y := leaky(l.Conv(s.In("conv_0"), x, in, kernel3, nn.He(9*in)))
	y = leaky(l.DownsampleConv(s.In("conv_1"), y, channels, nn.He(9*in)))
	x = nn.MeanPool(x, nn.Kernel{Size: 2, Stride: 2})
	x = l.Conv(s.In("shortcut"), x, channels, nn.Kernel{Size: 1, Stride: 1}, nn.Fan(in))
	return graph.MulScalar(graph.Add(x, y), math.Sqrt2/2)
}
