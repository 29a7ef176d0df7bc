package arch

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/gradcheck"
	"atelier/internal/registry"
)

// The variants are small: each has another path through the layers.
var generators = map[string]GeneratorArch{
	"mlp":                &MLPGenerator{Widths: []int{6, 5}, Norm: batchNorm},
	"mlp plain":          &MLPGenerator{Widths: []int{4}, Norm: noNorm},
	"dcgan":              &DCGANGenerator{Width: 1, Upsample: nearest, Norm: batchNorm},
	"dcgan transposed":   &DCGANGenerator{Width: 2, Upsample: transposed, Norm: batchNorm},
	"dcgan without norm": &DCGANGenerator{Width: 4, Upsample: nearest, Norm: noNorm},
	"dcgan hidden":       &DCGANGenerator{Width: 1, Hidden: []int{4}, Upsample: nearest, Norm: batchNorm},
	"resnet":             &ResNetGenerator{Width: 1, Limit: 2, Patch: 1, Depth: 2, Norm: batchNorm},
	"resnet conditional": &ResNetGenerator{Width: 1, Limit: 2, Patch: 1, Depth: 1, Norm: conditionalNorm},
	"resnet still":       &ResNetGenerator{Width: 1, Limit: 2, Patch: 1, Depth: 1, Norm: noNorm},
	"resnet patch":       &ResNetGenerator{Width: 1, Limit: 2, Patch: 2, Depth: 1, Norm: noNorm},
	"style patch":        &StyleGenerator{Width: 2, Limit: 3, Patch: 2, Code: 3, Mapping: 1, MappingRate: 0.1},
	"clip":               &ClipGenerator{Motion: 2, Frame: registry.Choice[GeneratorArch]{Use: "mlp", Value: &MLPGenerator{Widths: []int{4}, Norm: noNorm}}},
	"style":              &StyleGenerator{Width: 2, Limit: 3, Patch: 1, Code: 3, Mapping: 2, MappingRate: 0.1},
}

var discriminators = map[string]DiscriminatorArch{
	"mlp":             &MLPDiscriminator{Widths: []int{6, 5}, Norm: noNorm, Gain: 1.5},
	"mlp spectral":    &MLPDiscriminator{Widths: []int{6, 5}, Norm: spectralNorm, Gain: 1.5},
	"dcgan":           &DCGANDiscriminator{Width: 2, Norm: noNorm},
	"dcgan spectral":  &DCGANDiscriminator{Width: 2, Norm: spectralNorm},
	"dcgan hidden":    &DCGANDiscriminator{Width: 1, Hidden: []int{5, 4}, Norm: noNorm},
	"resnet":          &ResNetDiscriminator{Width: 1, Limit: 2, Patch: 1, Depth: 2, Hidden: []int{4}, Norm: noNorm},
	"resnet spectral": &ResNetDiscriminator{Width: 1, Limit: 2, Patch: 1, Depth: 1, Norm: spectralNorm},
	"resnet patch":    &ResNetDiscriminator{Width: 1, Limit: 2, Patch: 2, Depth: 1, Norm: noNorm, Minibatch: true},
	"clip":            &ClipDiscriminator{Width: 1, Stills: 2, Norm: noNorm},
}

var classifiers = map[string]ClassifierArch{
	"convnet":  &ConvNet{Width: 2, Features: 6},
	"residual": &ResidualNet{Width: 2, Features: 4},
}

// tried is what a small variant takes.
func tried(name string) data.Spec {
	if name == "clip" {
		return clips(2, 16)
	}
	return pictures(28, 1)
}

// TestEveryArchitectureHasItsGradientChecked: a new one needs a small variant above.
func TestEveryArchitectureHasItsGradientChecked(t *testing.T) {
	for _, name := range Generators.Names() {
		if generators[name] == nil {
			t.Errorf("no small variant of generator %s", name)
		}
	}
	for _, name := range Discriminators.Names() {
		if discriminators[name] == nil {
			t.Errorf("no small variant of discriminator %s", name)
		}
	}
	for _, name := range Classifiers.Names() {
		if classifiers[name] == nil {
			t.Errorf("no small variant of classifier %s", name)
		}
	}
}

var y = []int32{2, 0, 2}

// TestGeneratorGradients checks the second order by the latents as penalties of path
// lengths use it too.
func TestGeneratorGradients(t *testing.T) {
	for name, a := range generators {
		t.Run(name, func(t *testing.T) {
			g := must(t, a.Generator)(tried(name))
			first := func(s *model.Scope, in []*graph.Node) *graph.Node {
				s.Store().SetTraining(in[0].Graph(), true)
				return scalar(ofGenerator(g)(s.In("net"), in[0], classes(in[0], y))[0])
			}
			second := func(s *model.Scope, in []*graph.Node) *graph.Node {
				return graph.ReduceAllSum(graph.Square(graph.Gradient(first(s, in), in[0])[0]))
			}
			z := gradcheck.Normal(1, len(y), latent)
			if err := gradcheck.Check(backend(), first, z); err != nil {
				t.Error("first order:", err)
			}
			if err := gradcheck.Check(backend(), second, z); err != nil {
				t.Error("second order:", err)
			}
		})
	}
}

// TestDiscriminatorGradients checks the second order as penalties use it too.
func TestDiscriminatorGradients(t *testing.T) {
	for name, a := range discriminators {
		t.Run(name, func(t *testing.T) {
			spec := tried(name)
			d := must(t, a.Discriminator)(spec)
			first := func(s *model.Scope, in []*graph.Node) *graph.Node {
				return scalar(ofDiscriminator(d)(s.In("net"), in[0], classes(in[0], y))[0])
			}
			second := func(s *model.Scope, in []*graph.Node) *graph.Node {
				return graph.ReduceAllSum(graph.Square(graph.Gradient(first(s, in), in[0])[0]))
			}
			x := gradcheck.Normal(2, append([]int{len(y)}, spec.Target().Shape...)...)
			if err := gradcheck.Check(backend(), first, x); err != nil {
				t.Error("first order:", err)
			}
			if err := gradcheck.Check(backend(), second, x); err != nil {
				t.Error("second order:", err)
			}
		})
	}
}

func TestClassifierGradients(t *testing.T) {
	for name, a := range classifiers {
		t.Run(name, func(t *testing.T) {
			c := must(t, a.Classifier)(pictures(28, 1))
			f := func(s *model.Scope, in []*graph.Node) *graph.Node {
				features, logits := c(s.In("net"), in[0])
				return graph.Add(scalar(features), scalar(logits))
			}
			if err := gradcheck.Check(backend(), f, gradcheck.Normal(3, len(y), 28, 28, 1)); err != nil {
				t.Error(err)
			}
		})
	}
}

// scalar is a smooth number that depends on all of x.
func scalar(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Sin(x)) }

func must[T any](t *testing.T, build func(data.Spec) (T, error)) func(data.Spec) T {
	return func(spec data.Spec) T {
		t.Helper()
		v, err := build(spec)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
