// Package arch holds the network architectures, one per file.
package arch

import (
	"maps"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"atelier/data"
	"atelier/internal/registry"
	"atelier/model/language"
	"atelier/model/nn"
)

// Conditions are the inputs that a network is conditioned on, by field name:
// [batch, shape of the field...]. Nil means none.
type Conditions map[string]*graph.Node

// Class returns the class indices, int32 [batch], nil if there are none.
func (c Conditions) Class() *graph.Node { return c[data.Label] }

// OfClass returns the conditions of class indices y, none if y is nil.
func OfClass(y *graph.Node) Conditions {
	if y == nil {
		return nil
	}
	return Conditions{data.Label: y}
}

// Twice returns the conditions of a batch concatenated with itself.
func (c Conditions) Twice() Conditions {
	var out Conditions
	for _, name := range slices.Sorted(maps.Keys(c)) { // graphs are built in one order
		node := c[name]
		out = out.With(name, graph.Concatenate([]*graph.Node{node, node}, 0)) // [2·batch, shape...]
	}
	return out
}

// With returns the conditions with another field added.
func (c Conditions) With(field string, told *graph.Node) Conditions {
	out := Conditions{field: told}
	for name, node := range c {
		if name != field {
			out[name] = node
		}
	}
	return out
}

// A Generator works in two steps: it maps latents to codes, and codes to samples. In
// between, a caller may interpolate, mix or truncate codes.
type Generator interface {
	// Codes maps latents z [batch, latent] to codes [batch, layers, width].
	Codes(s *model.Scope, z *graph.Node, told Conditions) *graph.Node
	// Samples maps codes to samples [batch, shape of the target...].
	Samples(s *model.Scope, codes *graph.Node, told Conditions) *graph.Node
}

// A Tap sees the output x of a hidden layer, [batch, height, width, channels] or [batch, units], and
// returns what the next layer gets instead. Layers count from the code. The nil Tap changes nothing.
type Tap func(layer int, x *graph.Node) *graph.Node

// at applies the tap.
func (t Tap) at(layer int, x *graph.Node) *graph.Node {
	if t == nil {
		return x
	}
	return t(layer, x)
}

// A Tappable generator shows its hidden layers.
type Tappable interface {
	Generator
	// Tapped is the same generator with a tap.
	Tapped(Tap) Generator
}

// A Projecting generator tells which linear maps take its codes in.
type Projecting interface {
	Generator
	// Projections are these maps.
	Projections() []Projection
}

// A Projection is a linear map of codes: the first rows, as many as a code is wide, of a variable
// [rows, columns].
type Projection struct {
	// Variable is its path below the scope of the network, Layer the layer of the code that it maps.
	Variable string
	Layer    int
}

// Direct is a [Generator] whose codes are its latents.
type Direct struct {
	// Draw maps z [batch, latent] to samples [batch, shape of the target...], its hidden layers
	// through the tap.
	Draw func(s *model.Scope, z *graph.Node, told Conditions, tap Tap) *graph.Node
	// First is the path of the weights of the first layer.
	First string

	tap Tap
}

// Tapped implements [Tappable].
func (d Direct) Tapped(tap Tap) Generator {
	d.tap = tap
	return d
}

// Projections implements [Projecting].
func (d Direct) Projections() []Projection { return []Projection{{Variable: d.First}} }

// Codes implements [Generator].
func (Direct) Codes(_ *model.Scope, z *graph.Node, _ Conditions) *graph.Node {
	return graph.InsertAxes(z, 1)
}

// Samples implements [Generator].
func (d Direct) Samples(s *model.Scope, codes *graph.Node, told Conditions) *graph.Node {
	return d.Draw(s, graph.Squeeze(codes, 1), told, d.tap)
}

// A Discriminator maps samples x [batch, shape of the target...] to features
// [batch, width], the activations before the last layer, and to logits [batch, 1], or [batch, n]
// if n networks judge; a high logit means real.
type Discriminator func(s *model.Scope, x *graph.Node, told Conditions) (features, logits *graph.Node)

// A Classifier maps samples x [batch, shape of the target...] to features
// [batch, width], the activations before the last layer, and to class logits
// [batch, classes].
type Classifier func(s *model.Scope, x *graph.Node) (features, logits *graph.Node)

// A Velocity is the velocity field of a flow: it maps points x [batch, shape of the
// target...] between noise and samples, at times [batch], 0 for noise and 1 for samples, to
// the time derivative of x, of the shape of x. The class index for no class is the number of
// classes. Pictures among the conditions have the height and width of x.
type Velocity func(s *model.Scope, x, time *graph.Node, told Conditions) *graph.Node

// A LanguageModel predicts the next token. Tokens are int32 in [0, vocabulary). Both Logits and
// Decoder use the same weights.
type LanguageModel interface {
	// Logits maps tokens [batch, time], time at most the context, to logits
	// [batch, time, vocabulary] of the next token of each. In training the dropout, nil for
	// none, is applied to embeddings and residual branches (Vaswani et al. 2017,
	// arXiv:1706.03762, section 5.4).
	Logits(s *model.Scope, tokens *graph.Node, drop *nn.Dropout) *graph.Node
	// Context is the context length in tokens.
	Context() int
	// Decoder returns a copy of the weights in the scope for a decoder without a graph.
	Decoder(s *model.Scope) (language.Config, language.Weights, error)
}

// The kinds of architecture. Each method returns an error that says what the architecture
// supports if it cannot handle samples of the spec. A network is class-conditional if it is
// given classes; their number is len(spec.ClassNames()). Generators and discriminators take
// captions, too, but no other conditions.
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
	// A Resizable architecture can generate pictures of other sizes than the spec, with sides
	// that are multiples of a number.
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

// intoRange maps pixels to the range of their field by tanh; vectors are unchanged.
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
