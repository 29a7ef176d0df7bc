package arch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

func init() {
	Classifiers.Add("residual", "three residual blocks with batch norm, each at half the size of the one before (He et al. 2015, arXiv:1512.03385)",
		func() ClassifierArch { return &ResidualNet{Width: 16, Features: 128} })
}

// ResidualNet classifies pictures of 8×8 pixels and more, with 12 M multiply-adds at 32×32.
// Larger ones are halved by further convolutions first.
type ResidualNet struct {
	Width    int `help:"channels of the first block; the next two have twice and four times as many"`
	Features int `help:"width of the features, the last hidden layer"`
}

// The sides of the pictures that a [ResidualNet] reads, and of those that its blocks begin with.
const (
	leastSide = 8
	blockSide = 40
)

// Classifier implements [ClassifierArch].
func (a *ResidualNet) Classifier(spec data.Spec) (Classifier, error) {
	target, classes := spec.Target(), len(spec.ClassNames())
	if err := classifies(target, classes, leastSide, a.Width, a.Features); err != nil {
		return nil, fmt.Errorf("classifier residual: %w", err)
	}
	return func(s *model.Scope, x *graph.Node) (features, logits *graph.Node) {
		x = graph.ReduceMean(residualBlocks(s, x, a.Width, blockSide), 1, 2)              // [batch, 4·width]
		features = nn.Relu(nn.Dense(s.In("features"), x, a.Features, nn.He(4*a.Width)))   // [batch, features]
		logits = nn.Dense(s.In("out"), features, classes, nn.Glorot(a.Features, classes)) // [batch, classes]
		return features, logits
	}, nil
}

// residualBlocks maps pictures x [batch, height, width, channels] to features
// [batch, height', width', 4·width]. The blocks begin with pictures whose shorter side is at most side.
func residualBlocks(s *model.Scope, x *graph.Node, width, side int) *graph.Node {
	x = convNorm(s.In("stem"), x, width, 1) // [batch, height, width, channels]
	for i := 0; min(x.Shape().Dimensions[1], x.Shape().Dimensions[2]) > side; i++ {
		x = nn.Relu(x)
		x = convNorm(s.In("stem_%d", i+1), x, width, 2) // [batch, height/2, width/2, channels]
	}
	for i := range 3 {
		x = residualBlock(s.In("block_%d", i), nn.Relu(x), width<<i, min(i, 1)+1)
	}
	return nn.Relu(x)
}

// convNorm is a convolution without bias and a batch norm: [batch, height/stride, width/stride, channels].
func convNorm(s *model.Scope, x *graph.Node, channels, stride int) *graph.Node {
	in := x.Shape().Dimensions[3]
	k := nn.Kernel{Size: 3, Stride: stride, Padding: 1}
	weight := nn.Weight(s, "weight", nn.He(9*in), x.DType(), 9*in, channels).NodeValue(x)
	return nn.BatchNorm(s.In("norm"), nn.ConvWith(x, weight, k))
}

// residualBlock maps x [batch, height, width, in] to [batch, height/stride, width/stride, channels],
// before the activation.
func residualBlock(s *model.Scope, x *graph.Node, channels, stride int) *graph.Node {
	in := x.Shape().Dimensions[3]
	y := nn.Relu(convNorm(s.In("conv_0"), x, channels, stride))
	y = convNorm(s.In("conv_1"), y, channels, 1)
	if stride > 1 || in != channels {
		weight := nn.Weight(s, "shortcut", nn.Fan(in), x.DType(), in, channels).NodeValue(x)
		x = nn.BatchNorm(s.In("norm"), nn.ConvWith(x, weight, nn.Kernel{Size: 1, Stride: stride}))
	}
	return graph.Add(x, y)
}
