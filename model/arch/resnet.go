package arch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

const resnetDoc = "residual blocks, for pictures of 16 to 256 pixels (Miyato et al. 2018, arXiv:1802.05957)"

func init() {
	Generators.Add("resnet", resnetDoc,
		func() GeneratorArch {
			return &ResNetGenerator{Width: 16, Limit: 128, Depth: 1, Patch: 1, Norm: batchNorm}
		})
	Discriminators.Add("resnet", resnetDoc,
		func() DiscriminatorArch {
			return &ResNetDiscriminator{Width: 16, Limit: 128, Depth: 1, Patch: 1, Norm: noNorm}
		})
}

// conditionalNorm is batch normalisation with scales and shifts computed from latent and
// class.
const conditionalNorm = "conditional"

var resnetNorms = []string{noNorm, batchNorm, conditionalNorm}

// kernel3 is the 3×3 kernel that preserves the size of a picture.
var kernel3 = nn.Kernel{Size: 3, Stride: 1, Padding: 1}

// ResNetGenerator upsamples a small feature map to the size of the target by residual
// blocks. Without normalisation, blocks start as the identity, which keeps activations
// bounded (Fixup: Zhang, Dauphin and Ma 2019, arXiv:1901.09321; also in Huang et al. 2024,
// arXiv:2501.05441).
type ResNetGenerator struct {
	Width int    `help:"channels at full resolution; doubled each time the resolution is halved"`
	Limit int    `help:"largest number of channels in a layer"`
	Depth int    `help:"residual blocks per resolution, of two convolutions each"`
	Patch int    `help:"patch size, 1 or 2: with 2 the network works on 2×2 blocks of pixels and skips the full-resolution layers, which take most of the time"`
	Norm  string `help:"normalisation of the hidden layers: none, batch, or conditional (batch norm scaled and shifted by latent and class; Brock et al. 2018, arXiv:1809.11096)"`
}

// Generator implements [GeneratorArch].
func (a *ResNetGenerator) Generator(spec data.Spec) (Generator, error) {
	target, sizes := spec.Target(), numbersOf(spec)
	levels, err := pyramid(target, a.Width, a.Limit, a.Patch)
	if err != nil {
		return nil, fmt.Errorf("generator resnet: %w", err)
	}
	if err := checkDepth(a.Depth); err != nil {
		return nil, fmt.Errorf("generator resnet: %w", err)
	}
	l, err := layersFor(a.Norm, resnetNorms)
	if err != nil {
		return nil, fmt.Errorf("generator resnet: %w", err)
	}
	return Direct{First: "stem/weight", Draw: func(s *model.Scope, z *graph.Node, told Conditions, tap Tap) *graph.Node {
		code := withConditions(s, z, told, sizes) // [batch, features]
		r := residual{layers: l, rectify: nn.Relu, still: a.Norm == noNorm}
		if a.Norm == conditionalNorm {
			r.norm = func(s *model.Scope, x *graph.Node) *graph.Node { return nn.ConditionalBatchNorm(s, x, code) }
		}
		top := levels[0]
		x := nn.Dense(s.In("stem"), code, top.height*top.width*top.channels, nn.Fan(code.Shape().Dimensions[1]))
		x = graph.Reshape(x, z.Shape().Dimensions[0], top.height, top.width, top.channels)
		done := 0
		for i, level := range levels[1:] {
			for j := range a.Depth {
				x = tap.at(done, r.block(s.In("block_%d_%d", i+1, j), x, level.channels, j == 0)) // [batch, height, width, channels]
				done++
			}
		}
		x = r.rectify(r.norm(s.In("norm"), x))
		return intoRange(a.out(s.In("out"), x, target.Shape[2]), target)
	}}, nil
}

// out maps x [batch, height, width, in] to the channels of the target, at its size.
func (a *ResNetGenerator) out(s *model.Scope, x *graph.Node, channels int) *graph.Node {
	std := nn.Fan(9 * x.Shape().Dimensions[3])
	if a.Patch == 2 {
		return nn.UpsampleConv(s, x, channels, std)
	}
	return nn.Conv(s, x, channels, kernel3, std)
}

// ResNetDiscriminator downsamples a picture by residual blocks.
type ResNetDiscriminator struct {
	Width  int    `help:"channels at full resolution; doubled each time the resolution is halved"`
	Limit  int    `help:"largest number of channels in a layer"`
	Depth  int    `help:"residual blocks per resolution, of two convolutions each"`
	Patch  int    `help:"patch size, 1 or 2: with 2 the network works on 2×2 blocks of pixels and skips the full-resolution layers, which take most of the time"`
	Hidden []int  `help:"widths of dense layers after the convolutions, first to last; without any, features are sum-pooled"`
	Norm   string `help:"normalisation of the weights: none or spectral"`
	// Minibatch adds a channel after the convolutions.
	Minibatch bool `help:"minibatch standard deviation: lets D see how much a batch varies, and so detect mode collapse (Karras et al. 2017, arXiv:1710.10196)"`
}

// Discriminator implements [DiscriminatorArch].
func (a *ResNetDiscriminator) Discriminator(spec data.Spec) (Discriminator, error) {
	levels, err := pyramid(spec.Target(), a.Width, a.Limit, a.Patch)
	if err != nil {
		return nil, fmt.Errorf("discriminator resnet: %w", err)
	}
	l, err := layersFor(a.Norm, discriminatorNorms)
	if err != nil {
		return nil, fmt.Errorf("discriminator resnet: %w", err)
	}
	if err := checkDepth(a.Depth); err != nil {
		return nil, fmt.Errorf("discriminator resnet: %w", err)
	}
	if err := checkHidden(a.Hidden); err != nil {
		return nil, fmt.Errorf("discriminator resnet: hidden: %w", err)
	}
	r := residual{layers: l, rectify: leaky, still: a.Norm == noNorm}
	sizes := numbersOf(spec)
	return func(s *model.Scope, x *graph.Node, told Conditions) (features, logits *graph.Node) {
		x = enter(s.In("in"), l, x, levels[len(levels)-1].channels, a.Patch)
		for i := len(levels) - 1; i > 0; i-- {
			for j := range a.Depth - 1 {
				x = r.block(s.In("block_%d_%d", i, j), x, levels[i].channels, false)
			}
			x = r.halve(s.In("half_%d", i), x, levels[i-1].channels) // [batch, height, width, channels]
		}
		x = leaky(x)
		if a.Minibatch {
			x = nn.MinibatchDeviation(s.In("minibatch"), x) // [batch, height, width, channels+1]
		}
		features = a.summary(s, l, x) // [batch, features]
		return features, l.judge(s, features, told, sizes)
	}, nil
}

// enter is the first convolution of a picture x, with the given patch size.
func enter(s *model.Scope, l layers, x *graph.Node, channels, patch int) *graph.Node {
	k := kernel3
	if patch == 2 {
		k = nn.Kernel{Size: 4, Stride: 2, Padding: 1}
	}
	return l.Conv(s, x, channels, k, nn.He(k.Size*k.Size*x.Shape().Dimensions[3])) // [batch, height, width, channels]
}

// summary maps the last feature map x [batch, height, width, channels] to features
// [batch, width].
func (a *ResNetDiscriminator) summary(s *model.Scope, l layers, x *graph.Node) *graph.Node {
	if len(a.Hidden) == 0 {
		return graph.ReduceSum(x, 1, 2)
	}
	return l.hidden(s, graph.Reshape(x, x.Shape().Dimensions[0], -1), a.Hidden, leaky, nil)
}

func checkDepth(depth int) error {
	if depth < 1 || depth > 16 {
		return fmt.Errorf("want a depth of 1 to 16, got %d; 1 is usual", depth)
	}
	return nil
}
