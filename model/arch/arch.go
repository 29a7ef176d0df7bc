// Package arch holds the networks: one architecture a file.
package arch

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// A Generator maps latents z [batch, latent] and class indices y (int32
// [batch]; nil if unconditional) to samples [batch, shape of the target...].
type Generator func(s *model.Scope, z, y *graph.Node) *graph.Node

// A Discriminator maps samples x [batch, shape of the target...] and class
// indices y (int32 [batch]; nil if unconditional) to logits [batch, 1]; a high
// logit means real.
type Discriminator func(s *model.Scope, x, y *graph.Node) *graph.Node

// A Classifier maps samples x [batch, shape of the target...] to features
// [batch, width], the activations before the last layer, and to class logits
// [batch, classes].
type Classifier func(s *model.Scope, x *graph.Node) (features, logits *graph.Node)

// The three kinds of architecture. Each method reports an error that names
// what the architecture can do if it cannot make or read samples of the spec.
// A network is conditional when the caller passes y; the count of classes is
// len(spec.ClassNames()).
type (
	// A GeneratorArch builds generators. Its exported fields are its settings.
	GeneratorArch interface {
		Generator(data.Spec) (Generator, error)
	}
	// A DiscriminatorArch builds discriminators. Its exported fields are its settings.
	DiscriminatorArch interface {
		Discriminator(data.Spec) (Discriminator, error)
	}
	// A ClassifierArch builds classifiers. Its exported fields are its settings.
	ClassifierArch interface {
		Classifier(data.Spec) (Classifier, error)
	}
)

// The registries of architectures.
var (
	Generators     = registry.New[GeneratorArch]("generator")
	Discriminators = registry.New[DiscriminatorArch]("discriminator")
	Classifiers    = registry.New[ClassifierArch]("classifier network")
)
