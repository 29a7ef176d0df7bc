package arch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

const dcganDoc = "strided convolutions, for pictures of 28, 32 or 64 pixels (Radford, Metz and Chintala 2015, arXiv:1511.06434)"

func init() {
	Generators.Add("dcgan", dcganDoc,
		func() GeneratorArch { return &DCGANGenerator{Width: 32, Upsample: nearest, Norm: batchNorm} })
	Discriminators.Add("dcgan", dcganDoc,
		func() DiscriminatorArch { return &DCGANDiscriminator{Width: 32, Norm: noNorm} })
}

// Upsampling methods.
const (
	nearest    = "nearest"
	transposed = "transposed"
)

// DCGANGenerator upsamples a small feature map to the size of the target.
type DCGANGenerator struct {
	Width    int    `help:"channels before the last layer; doubled with each layer further from the picture"`
	Hidden   []int  `help:"widths of dense layers before the convolutions, first to last, which give a small network a view of the whole picture (Chen et al. 2016, arXiv:1606.03657)"`
	Upsample string `help:"upsampling: nearest (repeat pixels, then convolve) or transposed (transposed convolution)"`
	Norm     string `help:"normalisation of the hidden layers: none or batch"`
}

// Generator implements [GeneratorArch].
func (a *DCGANGenerator) Generator(spec data.Spec) (Generator, error) {
	target, sizes := spec.Target(), numbersOf(spec)
	stem, doublings, err := dcganPlan(target, a.Width, a.Hidden)
	if err != nil {
		return nil, fmt.Errorf("generator dcgan: %w", err)
	}
	l, err := layersFor(a.Norm, generatorNorms)
	if err != nil {
		return nil, fmt.Errorf("generator dcgan: %w", err)
	}
	if a.Upsample != nearest && a.Upsample != transposed {
		return nil, fmt.Errorf("generator dcgan: no upsample %q; there are %s, %s", a.Upsample, nearest, transposed)
	}
	first := "stem/weight"
	if len(a.Hidden) > 0 {
		first = "hidden_0/weight"
	}
	return Direct{First: first, Draw: func(s *model.Scope, z *graph.Node, told Conditions, tap Tap) *graph.Node {
		x := l.hidden(s, withConditions(s, z, told, sizes), a.Hidden, nn.Relu, tap) // [batch, features]
		done := len(a.Hidden)
		channels := a.Width << (doublings - 1)
		x = nn.Dense(s.In("stem"), x, stem*stem*channels, nn.He(x.Shape().Dimensions[1]))
		x = graph.Reshape(x, z.Shape().Dimensions[0], stem, stem, channels)
		x = tap.at(done, nn.Relu(l.norm(s.In("norm_0"), x)))
		for i := 1; i < doublings; i++ {
			channels /= 2
			x = a.double(s.In("up_%d", i), x, channels)
			x = tap.at(done+i, nn.Relu(l.norm(s.In("norm_%d", i), x))) // [batch, side, side, channels]
		}
		return intoRange(a.double(s.In("out"), x, target.Shape[2]), target)
	}}, nil
}

// double maps x [batch, side, side, in] to [batch, 2·side, 2·side, channels].
func (a *DCGANGenerator) double(s *model.Scope, x *graph.Node, channels int) *graph.Node {
	in := x.Shape().Dimensions[3]
	if a.Upsample == transposed {
		return nn.ConvTransposed(s, x, channels, nn.He(4*in))
	}
	return nn.UpsampleConv(s, x, channels, nn.He(9*in))
}

// DCGANDiscriminator downsamples a picture by strided convolutions.
type DCGANDiscriminator struct {
	Width  int    `help:"channels of the first layer; doubled with each further layer"`
	Hidden []int  `help:"widths of dense layers after the convolutions, first to last"`
	Norm   string `help:"normalisation of the weights: none or spectral"`
	// Minibatch adds a channel after the convolutions.
	Minibatch bool `help:"minibatch standard deviation: lets D see how much a batch varies, and so detect mode collapse (Karras et al. 2017, arXiv:1710.10196)"`
}

// Discriminator implements [DiscriminatorArch].
func (a *DCGANDiscriminator) Discriminator(spec data.Spec) (Discriminator, error) {
	_, halvings, err := dcganPlan(spec.Target(), a.Width, a.Hidden)
	if err != nil {
		return nil, fmt.Errorf("discriminator dcgan: %w", err)
	}
	l, err := layersFor(a.Norm, discriminatorNorms)
	if err != nil {
		return nil, fmt.Errorf("discriminator dcgan: %w", err)
	}
	sizes := numbersOf(spec)
	return func(s *model.Scope, x *graph.Node, told Conditions) (features, logits *graph.Node) {
		k := nn.Kernel{Size: 4, Stride: 2, Padding: 1}
		for i := range halvings {
			in := x.Shape().Dimensions[3]
			x = leaky(l.Conv(s.In("conv_%d", i), x, a.Width<<i, k, nn.He(16*in))) // [batch, side, side, channels]
		}
		if a.Minibatch {
			x = nn.MinibatchDeviation(s.In("minibatch"), x) // [batch, stem, stem, channels+1]
		}
		x = graph.Reshape(x, x.Shape().Dimensions[0], -1)
		features = l.hidden(s, x, a.Hidden, leaky, nil) // [batch, features]
		return features, l.judge(s, features, told, sizes)
	}, nil
}

// dcganPlan returns the side of the smallest feature map and how often it is doubled to
// reach the size of the target.
func dcganPlan(target data.Field, width int, hidden []int) (stem, doublings int, err error) {
	if width < 1 || width > 1024 {
		return 0, 0, fmt.Errorf("want a width of 1 to 1024, got %d; 32 is usual", width)
	}
	if err := checkHidden(hidden); err != nil {
		return 0, 0, fmt.Errorf("hidden: %w", err)
	}
	if target.Kind != data.Pixels || len(target.Shape) != 3 || target.Shape[0] != target.Shape[1] {
		return 0, 0, fmt.Errorf("it is for square pictures, not %v", target)
	}
	switch target.Shape[0] {
	case 28:
		return 7, 2, nil
	case 32:
		return 4, 3, nil
	case 64:
		return 4, 4, nil
	}
	return 0, 0, fmt.Errorf("it is for pictures of 28, 32 or 64 pixels a side, not %v; set the size of the data to one of them", target)
}
