package arch

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/model/nn"
)

func init() {
	Generators.Add("mlp", "dense layers, as in the first GAN (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() GeneratorArch { return &MLPGenerator{Widths: []int{256, 256}, Norm: batchNorm} })
	Discriminators.Add("mlp", "dense layers, as in the first GAN (Goodfellow et al. 2014, arXiv:1406.2661)",
		func() DiscriminatorArch { return &MLPDiscriminator{Widths: []int{256, 256}, Norm: noNorm, Gain: 1} })
}

// MLPGenerator is a stack of dense layers, for pixels and vectors of any shape.
type MLPGenerator struct {
	Widths []int  `help:"widths of the hidden layers, first to last"`
	Norm   string `help:"normalisation of the hidden layers: none or batch"`
}

// Generator implements [GeneratorArch].
func (a *MLPGenerator) Generator(spec data.Spec) (Generator, error) {
	if err := checkWidths(a.Widths); err != nil {
		return nil, fmt.Errorf("generator mlp: %w", err)
	}
	l, err := layersFor(a.Norm, generatorNorms)
	if err != nil {
		return nil, fmt.Errorf("generator mlp: %w", err)
	}
	target, sizes := spec.Target(), numbersOf(spec)
	return Direct{First: "hidden_0/weight", Draw: func(s *model.Scope, z *graph.Node, told Conditions, tap Tap) *graph.Node {
		x := withConditions(s, z, told, sizes)     // [batch, latent or 2·latent]
		x = l.hidden(s, x, a.Widths, nn.Relu, tap) // [batch, last width]
		x = nn.Dense(s.In("out"), x, target.Size(), nn.Glorot(x.Shape().Dimensions[1], target.Size()))
		return graph.Reshape(intoRange(x, target), batched(x, target)...)
	}}, nil
}

// MLPDiscriminator is a stack of dense layers, for pixels and vectors of any shape.
type MLPDiscriminator struct {
	Widths []int  `help:"widths of the hidden layers, first to last"`
	Norm   string `help:"normalisation of the weights: none or spectral"`
	// Gain multiplies the samples. Networks learn coarse structure first
	// (Rahaman et al. 2018, arXiv:1806.08734), and learn modes that are narrow relative to
	// the range of the data late, unless magnified.
	Gain float64 `help:"factor on the input samples, so that fine structure is learned sooner"`
	// Minibatch adds a number after the hidden layers.
	Minibatch bool `help:"minibatch standard deviation: lets D see how much a batch varies, and so detect mode collapse (Karras et al. 2017, arXiv:1710.10196)"`
}

// Discriminator implements [DiscriminatorArch].
func (a *MLPDiscriminator) Discriminator(spec data.Spec) (Discriminator, error) {
	if err := checkWidths(a.Widths); err != nil {
		return nil, fmt.Errorf("discriminator mlp: %w", err)
	}
	l, err := layersFor(a.Norm, discriminatorNorms)
	if err != nil {
		return nil, fmt.Errorf("discriminator mlp: %w", err)
	}
	sizes := numbersOf(spec)
	return func(s *model.Scope, x *graph.Node, told Conditions) (features, logits *graph.Node) {
		x = graph.Reshape(x, x.Shape().Dimensions[0], spec.Target().Size()) // [batch, size of the target]
		x = graph.MulScalar(x, a.Gain)
		features = l.hidden(s, x, a.Widths, leaky, nil) // [batch, last width]
		if a.Minibatch {
			features = nn.MinibatchDeviation(s.In("minibatch"), features) // [batch, last width + 1]
		}
		return features, l.judge(s, features, told, sizes)
	}, nil
}

func checkWidths(widths []int) error {
	if len(widths) == 0 {
		return fmt.Errorf("widths is empty; name the width of each hidden layer, such as [256, 256]")
	}
	return checkHidden(widths)
}
