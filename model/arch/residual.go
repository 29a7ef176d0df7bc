package arch

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/model/nn"
)

// residual builds residual blocks of two convolutions, each after an activation, in G also
// after a normalisation (He et al. 2016, arXiv:1603.05027;
// Miyato et al. 2018, arXiv:1802.05957, appendix B.4).
type residual struct {
	layers
	rectify func(*graph.Node) *graph.Node
	still   bool // blocks start as the identity: the second convolution is initially 0
}

// block maps x [batch, height, width, in] to channels, and doubles its sides if up.
func (r residual) block(s *model.Scope, x *graph.Node, channels int, up bool) *graph.Node {
	in := x.Shape().Dimensions[3]
	y := r.rectify(r.norm(s.In("norm_0"), x))
	if up {
		y = r.UpsampleConv(s.In("conv_0"), y, channels, nn.He(9*in))
	} else {
		y = r.Conv(s.In("conv_0"), y, channels, kernel3, nn.He(9*in)) // [batch, height', width', channels]
	}
	y = r.rectify(r.norm(s.In("norm_1"), y))
	y = r.Conv(s.In("conv_1"), y, channels, kernel3, r.last(channels))
	x = r.shortcut(s, x, channels)
	if up {
		d := x.Shape().Dimensions
		x = nn.Nearest(x, 2*d[1], 2*d[2])
	}
	return graph.Add(x, y)
}

// halve maps x [batch, height, width, in] to [batch, height/2, width/2, channels].
func (r residual) halve(s *model.Scope, x *graph.Node, channels int) *graph.Node {
	in := x.Shape().Dimensions[3]
	y := r.Conv(s.In("conv_0"), r.rectify(x), in, kernel3, nn.He(9*in))      // [batch, height, width, in]
	y = r.DownsampleConv(s.In("conv_1"), r.rectify(y), channels, r.last(in)) // [batch, height/2, width/2, channels]
	return graph.Add(r.shortcut(s, nn.MeanPool(x, nn.Kernel{Size: 2, Stride: 2}), channels), y)
}

// last is the initial standard deviation of the second convolution.
func (r residual) last(in int) float64 {
	if r.still {
		return 0
	}
	return nn.He(9 * in)
}

// shortcut maps each pixel of x to channels, unless x already has as many.
func (r residual) shortcut(s *model.Scope, x *graph.Node, channels int) *graph.Node {
	in := x.Shape().Dimensions[3]
	if in == channels {
		return x
	}
	return r.Conv(s.In("shortcut"), x, channels, nn.Kernel{Size: 1, Stride: 1}, nn.Fan(in))
}
