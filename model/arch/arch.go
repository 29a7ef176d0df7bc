// Package arch holds the networks: one architecture a file.
package arch

import (
	"maps"
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
)

// Conditions are what a network is told beside its input, by the names of their fields:
// [batch, shape of the field...]. Nil is nothing.
type Conditions map[string]*graph.Node

// Class is the class indices, int32 [batch], nil if the network is not told any.
func (c Conditions) Class() *graph.Node { return c[data.Label] }

// OfClass are conditions of class indices y alone, none if y is nil.
func OfClass(y *graph.Node) Conditions {
	if y == nil {
		return nil
	}
	return Conditions{data.Label: y}
}

// Twice are the conditions of a batch that stands there twice, one after the other.
func (c Conditions) Twice() Conditions {
	var out Conditions
	for _, name := range slices.Sorted(maps.Keys(c)) { // graphs are built in one order
		node := c[name]
		out = out.With(name, graph.Concatenate([]*graph.Node{node, node}, 0)) // [2·batch, shape...]
	}
	return out
}

// With are the conditions, and those of a field besides.
func (c Conditions) With(field string, told *graph.Node) Conditions {
	out := Conditions{field: told}
	for name, node := range c {
		if name != field {
			out[name] = node
		}
	}
	return out
}

// A Generator draws samples in two steps: from latents it makes codes, from codes
// samples. Between the two a caller may walk from code to code, mix them, or pull
// them towards their centre.
type Generator interface {
	// Codes maps latents z [batch, latent] to codes [batch, layers, width].
	Codes(s *model.Scope, z *graph.Node, told Conditions) *graph.Node
	// Samples maps codes to samples [batch, shape of the target...].
	Samples(s *model.Scope, codes *graph.Node, told Conditions) *graph.Node
}

// Direct is a [Generator] whose codes are its latents: it maps z [batch, latent] to
// samples [batch, shape of the target...].
type Direct func(s *model.Scope, z *graph.Node, told Conditions) *graph.Node

// Codes implements [Generator].
func (Direct) Codes(_ *model.Scope, z *graph.Node, _ Conditions) *graph.Node {
	return graph.InsertAxes(z, 1)
}

// Samples implements [Generator].
func (d Direct) Samples(s *model.Scope, codes *graph.Node, told Conditions) *graph.Node {
	return d(s, graph.Squeeze(codes, 1), told)
}

// A Discriminator maps samples x [batch, shape of the target...] to features
// [batch, width], the activations before the last layer, and to logits [batch, 1]; a high
// logit means real.
type Discriminator func(s *model.Scope, x *graph.Node, told Conditions) (features, logits *graph.Node)

// A Classifier maps samples x [batch, shape of the target...] to features
// [batch, width], the activations before the last layer, and to class logits
// [batch, classes].
type Classifier func(s *model.Scope, x *graph.Node) (features, logits *graph.Node)

// A Velocity tells where noise flows on its way to a sample: it maps what lies between
// them, x [batch, shape of the target...], at times [batch], 0 for noise and 1 for
// samples, to the change of x in a unit of time, of the shape of x. The class index of no
// class is the count of classes. Pictures among the conditions have the height and width
// of x.
type Velocity func(s *model.Scope, x, time *graph.Node, told Conditions) *graph.Node

// A LanguageModel tells which token comes next. Tokens are int32 in
// [0, vocabulary). Both of its functions are of the same weights.
type LanguageModel interface {
	// Logits maps tokens [batch, time], time at most the context, to logits
	// [batch, time, vocabulary] of the token that follows each.
	Logits(s *model.Scope, tokens *graph.Node) *graph.Node
	// Continue reads tokens [n] that stand at position [] and after in a
	// sequence, whose earlier tokens are in the cache. It returns the logits
	// [vocabulary] of what follows tokens[last], last [], and the cache with the
	// tokens: in the order and of the shapes of the cache it was given, so that
	// the old one can be donated and is updated in place. What follows tokens[last]
	// is padding: it is never attended to, and overwritten later.
	Continue(s *model.Scope, tokens, position, last *graph.Node, cache []*graph.Node) (logits *graph.Node, next []*graph.Node)
	// Cache is the shapes of the tensors that hold what was read of a sequence.
	// At first they are zeros.
	Cache() []shapes.Shape
	// Context is the most tokens of a sequence.
	Context() int
}

// The kinds of architecture. Each method reports an error that names
// what the architecture can do if it cannot make or read samples of the spec.
// A network is conditional on classes when it is told some; the count of classes is
// len(spec.ClassNames()). Generators and discriminators take no other conditions.
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
	// A VelocityArch builds velocities. Its exported fields are its settings.
	VelocityArch interface {
		Velocity(data.Spec) (Velocity, error)
	}
	// A Resizable architecture makes pictures of other sizes than those of the spec: of
	// sides that are multiples of a number.
	Resizable interface {
		Multiple(data.Spec) (int, error)
	}
	// A LanguageModelArch builds language models for tokens. Its exported fields
	// are its settings.
	LanguageModelArch interface {
		LanguageModel(data.Spec) (LanguageModel, error)
	}
)

// The registries of architectures.
var (
	Generators     = registry.New[GeneratorArch]("generator")
	Discriminators = registry.New[DiscriminatorArch]("discriminator")
	Classifiers    = registry.New[ClassifierArch]("classifier network")
	Velocities     = registry.New[VelocityArch]("velocity")
	LanguageModels = registry.New[LanguageModelArch]("language model")
)

// intoRange brings pixels into the range of their field by tanh; vectors are
// left as they are.
func intoRange(x *graph.Node, f data.Field) *graph.Node {
	if f.Kind != data.Pixels {
		return x
	}
	middle, half := (float64(f.High)+float64(f.Low))/2, (float64(f.High)-float64(f.Low))/2
	x = graph.Tanh(x)
	if half != 1 {
		x = graph.MulScalar(x, half)
	}
	if middle != 0 {
		x = graph.AddScalar(x, middle)
	}
	return x
}

// batched is the shape of the field with the batch axis of x before it.
func batched(x *graph.Node, f data.Field) []int {
	return append([]int{x.Shape().Dimensions[0]}, f.Shape...)
}
